/// A character set of one byte a character whose lower half is ASCII: what UTF-8 may have been
/// mistaken for.
struct SingleByteEncoding: Sendable {
  /// Scalars of the bytes 0x80…0xFF.
  let upperHalf: [Unicode.Scalar]
  /// Whether byte 0x1A stands for U+FFFD: the sign that a byte was lost, kept through a decoding.
  let keepsLosses: Bool

  private let bytes: [Unicode.Scalar: UInt8]

  /// - Parameter upperHalf: 128 characters; `?` for those that are as in Latin-1.
  private init(_ upperHalf: String, keepsLosses: Bool = true) {
    let scalars = upperHalf.unicodeScalars.enumerated().map { index, scalar in
      scalar == "?" ? Unicode.Scalar(UInt8(0x80 + index)) : scalar
    }
    precondition(scalars.count == 128, "\(scalars.count) characters for an upper half")
    self.upperHalf = scalars
    self.keepsLosses = keepsLosses
    var bytes: [Unicode.Scalar: UInt8] = [:]
    for (index, scalar) in scalars.enumerated() { bytes[scalar] = UInt8(0x80 + index) }
    self.bytes = bytes
  }

  /// The bytes that decode to `text`; nil if it holds a character of another set.
  func encode(_ text: some Sequence<Unicode.Scalar>) -> [UInt8]? {
    var result: [UInt8] = []
    for scalar in text {
      if scalar.isASCII, scalar != "\u{1A}" || !keepsLosses {
        result.append(UInt8(scalar.value))
      } else if scalar == "\u{FFFD}", keepsLosses {
        result.append(0x1A)
      } else if let byte = bytes[scalar] {
        result.append(byte)
      } else {
        return nil
      }
    }
    return result
  }

  static let latin1 = SingleByteEncoding(String(repeating: "?", count: 128), keepsLosses: false)

  // The Windows sets have holes, which browsers fill with the control characters of Latin-1.

  static let windows1250 = SingleByteEncoding(
    """
    €?‚?„…†‡?‰Š‹ŚŤŽŹ?‘’“”•–—?™š›śťžź?ˇ˘Ł¤Ą¦§¨©Ş«¬?®Ż°±˛ł´µ¶·¸ąş»Ľ˝ľż\
    ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙
    """)
  static let windows1251 = SingleByteEncoding(
    """
    ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—?™љ›њќћџ?ЎўЈ¤Ґ¦§Ё©Є«¬?®Ї°±Ііґµ¶·ё№є»јЅѕї\
    АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя
    """)
  static let windows1252 = SingleByteEncoding(
    "€?‚ƒ„…†‡ˆ‰Š‹Œ?Ž??‘’“”•–—˜™š›œ?žŸ" + String(repeating: "?", count: 96))
  static let windows1253 = SingleByteEncoding(
    """
    €?‚ƒ„…†‡?‰?‹?????‘’“”•–—?™?›?????΅Ά£¤¥¦§¨©ª«¬?®―°±²³΄µ¶·ΈΉΊ»Ό½ΎΏ\
    ΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡ?ΣΤΥΦΧΨΩΪΫάέήίΰαβγδεζηθικλμνξοπρςστυφχψωϊϋόύώ?
    """)
  static let windows1254 = SingleByteEncoding(
    """
    €?‚ƒ„…†‡ˆ‰Š‹Œ????‘’“”•–—˜™š›œ??Ÿ????????????????????????????????\
    ????????????????Ğ????????????İŞ?????????????????ğ????????????ış?
    """)
  static let windows1257 = SingleByteEncoding(
    """
    €?‚?„…†‡?‰?‹?¨ˇ¸?‘’“”•–—?™?›?¯˛?????????Ø?Ŗ????Æ????????ø?ŗ????æ\
    ĄĮĀĆÄÅĘĒČÉŹĖĢĶĪĻŠŃŅÓŌÕÖ×ŲŁŚŪÜŻŽßąįāćäåęēčéźėģķīļšńņóōõö÷ųłśūüżž˙
    """)

  static let iso8859Part2 = SingleByteEncoding(
    """
    ?????????????????????????????????Ą˘Ł¤ĽŚ§¨ŠŞŤŹ?ŽŻ°ą˛ł´ľśˇ¸šşťź˝žż\
    ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙
    """, keepsLosses: false)
  static let macRoman = SingleByteEncoding(
    """
    ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø\
    ¿¡¬√ƒ≈∆«»…\u{A0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{F8FF}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ
    """, keepsLosses: false)
  static let codePage437 = SingleByteEncoding(
    """
    ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
    └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}
    """, keepsLosses: false)

  /// The sets that Windows and the web mistake UTF-8 for, all alike in their letters' places.
  static let latinLike = [
    latin1, windows1252, windows1251, windows1250, windows1253, windows1254, windows1257,
  ]

  /// In the order in which they are tried.
  static let all = latinLike + [iso8859Part2, macRoman, codePage437]
}
