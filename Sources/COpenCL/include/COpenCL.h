#pragma once

// The one place that includes the OpenCL headers. OpenCL 1.2 is the floor: nothing newer is
// declared, so nothing newer can be called by accident. Constants and functions come through to
// Swift as they are; what Swift cannot see, or OpenCL does not offer, follows below.
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <CL/cl_ext.h>

/// Name of an OpenCL status as the specification spells it ("CL_OUT_OF_RESOURCES"), or
/// "CL_UNKNOWN_STATUS" for a code that is in no specification up to 3.0. Never NULL.
const char *tessera_cl_status_name(cl_int status);
