import RealModule
import TensorGraph
import Testing

@Test func vectorExponentialIsWithinTwoUnitsInTheLastPlace() {
  for step in -87_000...88_000 {
    let x = Float(step) * 0.001
    let exact = Double.exp(Double(x))
    let error = abs(Double(Float.vectorExponential(x)) - exact)
    #expect(error <= 2 * Double(Float(exact).ulp), "e^\(x)")
  }
  #expect(Float.vectorExponential(100) == .infinity)
  #expect(Float.vectorExponential(-100) == 0)
  #expect(Float.vectorExponential(.infinity) == .infinity)
  #expect(Float.vectorExponential(-.infinity) == 0)
  #expect(Float.vectorExponential(.nan).isNaN)
}
