#include "CCurl.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef struct transfer {
  CURL *curl;
  ccurl_handler handler;
  ccurl_response response;
  int is_stopped;
} transfer;

// One header line of an answer; each answer of a chain of redirects begins with a status line.
static size_t read_header(char *line, size_t size, size_t count, void *context) {
  transfer *t = context;
  size_t length = size * count;
  char text[128];
  if (length >= 5 && strncmp(line, "HTTP/", 5) == 0) {
    t->response.first = 0;
    t->response.total = -1;
  } else if (length < sizeof text) {
    long long first, last, total;
    memcpy(text, line, length);
    text[length] = 0;
    if (strncasecmp(text, "content-range:", 14) == 0 &&
        sscanf(text + 14, " bytes %lld-%lld/%lld", &first, &last, &total) == 3) {
      t->response.first = first;
      t->response.total = total;
    }
  }
  return length;
}

static size_t read_body(char *bytes, size_t size, size_t count, void *context) {
  transfer *t = context;
  curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &t->response.status);
  if (t->response.total < 0) {
    curl_off_t length = -1;
    curl_easy_getinfo(t->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length >= 0) t->response.total = t->response.first + length;
  }
  int goes_on = t->handler.receive(t->handler.context, &t->response, (const uint8_t *)bytes,
                                   size * count);
  t->is_stopped |= !goes_on;
  return goes_on ? size * count : 0;
}

static int check(void *context, curl_off_t total, curl_off_t now, curl_off_t to_send,
                 curl_off_t sent) {
  (void)total, (void)now, (void)to_send, (void)sent;
  transfer *t = context;
  int goes_on = t->handler.go_on(t->handler.context);
  t->is_stopped |= !goes_on;
  return !goes_on;
}

static void allow(CURL *curl, int https_only) {
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, https_only ? "https" : "http,https");
#else
  long both = CURLPROTO_HTTP | CURLPROTO_HTTPS;
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS, both);
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, https_only ? (long)CURLPROTO_HTTPS : both);
#endif
}

ccurl_outcome ccurl_get(const char *url, const char *user_agent, int64_t first,
                        ccurl_handler handler) {
  ccurl_outcome outcome = {0};
  CURL *curl = curl_easy_init();
  if (curl == NULL) {
    strcpy(outcome.message, "libcurl does not start");
    return outcome;
  }
  transfer t = {.curl = curl, .handler = handler, .response = {.total = -1}};
  char message[CURL_ERROR_SIZE] = "";
  char range[32];

  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, user_agent);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 10L);
  allow(curl, strncasecmp(url, "https:", 6) == 0);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 30L);
  // A connection that brings less than this for so many seconds is dead.
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 60L);
  if (first > 0) {
    snprintf(range, sizeof range, "%lld-", (long long)first);
    curl_easy_setopt(curl, CURLOPT_RANGE, range);
  }
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, read_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &t);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, read_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &t);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, check);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &t);

  CURLcode code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &outcome.status);
  outcome.is_complete = code == CURLE_OK;
  outcome.is_stopped = t.is_stopped;
  switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      outcome.may_retry = !t.is_stopped;
      break;
    default:
      break;
  }
  if (code != CURLE_OK) {
    snprintf(outcome.message, sizeof outcome.message, "%s",
             message[0] != 0 ? message : curl_easy_strerror(code));
  }
  curl_easy_cleanup(curl);
  return outcome;
}
