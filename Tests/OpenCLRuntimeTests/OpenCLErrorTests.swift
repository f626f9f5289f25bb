import COpenCL
import OpenCLRuntime
import Testing

struct OpenCLErrorTests {
  @Test func `A failed call says which, how and with what`() {
    let error = OpenCLError.callFailed(
      call: "clCreateBuffer", status: CL_OUT_OF_HOST_MEMORY, details: "64 bytes on A (B)")
    #expect(error.statusName == "CL_OUT_OF_HOST_MEMORY")
    #expect(
      "\(error)" == "clCreateBuffer failed with CL_OUT_OF_HOST_MEMORY (-6): 64 bytes on A (B)")
  }

  @Test(arguments: [
    (CL_SUCCESS, "CL_SUCCESS"), (-63, "CL_INVALID_GLOBAL_WORK_SIZE"), (-69, "CL_INVALID_PIPE_SIZE"),
    (-1001, "CL_PLATFORM_NOT_FOUND_KHR"), (-20, "CL_UNKNOWN_STATUS"), (7, "CL_UNKNOWN_STATUS"),
  ])
  func `Statuses have the specification's names`(status: Int32, name: String) {
    #expect(String(cString: tessera_cl_status_name(status)) == name)
  }

  @Test func `Work sizes print as many dimensions as were named`() {
    #expect("\(WorkSize(7)) \(WorkSize(7, 1)) \(WorkSize(2, 3, 4))" == "[7] [7,1] [2,3,4]")
    #expect(WorkSize(2, 3, 4).count == 24)
  }
}
