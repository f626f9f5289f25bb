// Times CLBlast's single-precision matrix product on the device of a platform whose name contains
// DEVICE: `clblast DEVICE M,N,K …` prints the seconds of the fastest of several runs of each, a line
// for each. Row-major, neither operand transposed.

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <clblast_c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUNS 5

static void require(int status, const char *call) {
  if (status == 0) return;
  fprintf(stderr, "clblast: %s failed with status %d\n", call, status);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static cl_device_id find(const char *name) {
  cl_platform_id platforms[16];
  cl_uint platform_count = 0;
  require(clGetPlatformIDs(16, platforms, &platform_count), "clGetPlatformIDs");
  for (cl_uint i = 0; i < platform_count && i < 16; i++) {
    cl_device_id devices[16];
    cl_uint count = 0;
    if (clGetDeviceIDs(platforms[i], CL_DEVICE_TYPE_ALL, 16, devices, &count) != 0) continue;
    for (cl_uint j = 0; j < count && j < 16; j++) {
      char text[256] = "";
      clGetDeviceInfo(devices[j], CL_DEVICE_NAME, sizeof text - 1, text, NULL);
      if (strstr(text, name)) return devices[j];
    }
  }
  fprintf(stderr, "clblast: no OpenCL device is named like '%s'\n", name);
  exit(1);
}

static cl_mem matrix(cl_context context, cl_command_queue queue, size_t count) {
  cl_int status;
  cl_mem buffer = clCreateBuffer(context, CL_MEM_READ_WRITE, count * 4, NULL, &status);
  require(status, "clCreateBuffer");
  const float value = 0.5f;
  require(clEnqueueFillBuffer(queue, buffer, &value, 4, 0, count * 4, 0, NULL, NULL),
          "clEnqueueFillBuffer");
  return buffer;
}

int main(int count, char **arguments) {
  if (count < 3) {
    fprintf(stderr, "usage: clblast DEVICE M,N,K ...\n");
    return 2;
  }
  cl_int status;
  cl_device_id device = find(arguments[1]);
  cl_context context = clCreateContext(NULL, 1, &device, NULL, NULL, &status);
  require(status, "clCreateContext");
  cl_command_queue queue = clCreateCommandQueue(context, device, 0, &status);
  require(status, "clCreateCommandQueue");
  for (int i = 2; i < count; i++) {
    unsigned long m, n, k;
    if (sscanf(arguments[i], "%lu,%lu,%lu", &m, &n, &k) != 3) {
      fprintf(stderr, "clblast: '%s' is not M,N,K\n", arguments[i]);
      return 2;
    }
    cl_mem a = matrix(context, queue, m * k), b = matrix(context, queue, k * n);
    cl_mem c = matrix(context, queue, m * n);
    double best = 1e9;
    for (int run = 0; run <= RUNS; run++) {
      require(clFinish(queue), "clFinish");
      const double start = now();
      require(CLBlastSgemm(CLBlastLayoutRowMajor, CLBlastTransposeNo, CLBlastTransposeNo, m, n, k,
                           1.0f, a, 0, k, b, 0, n, 0.0f, c, 0, n, &queue, NULL),
              "CLBlastSgemm");
      require(clFinish(queue), "clFinish");
      // The first run compiles.
      if (run > 0 && now() - start < best) best = now() - start;
    }
    printf("%.6f\n", best);
    clReleaseMemObject(a);
    clReleaseMemObject(b);
    clReleaseMemObject(c);
  }
  return 0;
}
