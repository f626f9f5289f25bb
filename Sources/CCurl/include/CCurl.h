/// One HTTP transfer over libcurl, whose own interface is variadic and out of Swift's reach.
///
/// Follows redirects; a transfer that began over https stays there. No function here touches files
/// or decides policy (where to resume, what to keep).
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { CCURL_MESSAGE_SIZE = 256 };

/// How a server answered, known when the first byte of the body arrives.
typedef struct ccurl_response {
  /// The HTTP status: 200 for the whole body, 206 for the part that was asked for.
  long status;
  /// Where the body begins in the whole, from Content-Range; 0 where the server sends no such.
  int64_t first;
  /// Bytes of the whole; -1 where the server does not say.
  int64_t total;
} ccurl_response;

/// What a transfer calls while it runs; each returns 0 to end it.
typedef struct ccurl_handler {
  void *context;
  /// A piece of the body of a successful answer.
  int (*receive)(void *context, const ccurl_response *response, const uint8_t *bytes, size_t count);
  /// At least once a second, also while nothing arrives.
  int (*go_on)(void *context);
} ccurl_handler;

typedef struct ccurl_outcome {
  /// Whether the whole body arrived.
  int is_complete;
  /// Whether the handler ended the transfer.
  int is_stopped;
  /// Whether trying again may help: the connection failed, not the request.
  int may_retry;
  /// The last answer's HTTP status, 0 where none came.
  long status;
  /// libcurl's words for a failure.
  char message[CCURL_MESSAGE_SIZE];
} ccurl_outcome;

/// Requests `url` from byte `first` on.
ccurl_outcome ccurl_get(const char *url, const char *user_agent, int64_t first,
                        ccurl_handler handler);
