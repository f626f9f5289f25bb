import Testing
import Training

struct BatchTests {
  @Test func equality() {
    #expect(Batch(pictures: [1, 2, 3], captions: [""]) == Batch(pictures: [1, 2, 3], captions: [""]))
  }
}
