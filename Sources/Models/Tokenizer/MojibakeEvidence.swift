/// Tells whether text looks like UTF-8 that was decoded as something else.
///
/// Some 400 characters come out of such mistakes, and few of their neighbourhoods occur in any
/// language. The characters' kinds and the neighbourhoods that count as evidence are those of ftfy
/// 6.3 (Robyn Speer, `badness.py`), because what it decides CLIP's tokens depend on.
enum MojibakeEvidence {
  /// Whether anything in `text` is unlikely to have been meant.
  static func isFound(in text: [Unicode.Scalar]) -> Bool {
    if text.count > 1, "ÃÂ" ~= text[0], text[1] == " " { return true }
    return text.indices.contains { index in
      neighbourhoods.contains { sets in
        index + sets.count <= text.count
          && sets.indices.allSatisfy { sets[$0] ~= text[index + $0] }
      }
    }
  }

  // MARK: Kinds of character

  /// At home in many contexts.
  private static let common: ScalarSet = "\u{A0}\u{AD}·´–—―…’"
  /// Control characters of Latin-1, of no use today.
  private static let control: ScalarSet = "\u{80}-\u{9F}"
  /// Hardly ever meant.
  private static let bad: ScalarSet = "¦¤¨¬¯¸ƒˆˇ˘˛˜†‡‰⌐◊\u{FFFD}ªº"
  private static let law: ScalarSet = "¶§"
  private static let currency: ScalarSet = "¢£¥₧€"
  private static let opening: ScalarSet = "¡«¿©΄΅‘‚“„•‹\u{F8FF}"
  private static let closing: ScalarSet = "®»˝”›™"
  private static let numeric: ScalarSet = "²³¹±¼½¾×µ÷⁄∂∆∏∑√∞∩∫≈≠≡≤≥№"
  /// Letters of faces such as Ö_ö, which stand in odd places on purpose.
  private static let face: ScalarSet = "Ò-ÖÙ-Üò-öø-üŐŌŪŲ°"
  private static let upper: ScalarSet = """
    À-ÑØÜÝĂĀĄĆČĎĐĘĚĒĖĞĢİĪĶĹĽŁĻŃŇŅŒŘŚŞŠŢŤŮŰŸŹŻŽҐ
    """
  private static let lower: ScalarSet = "ßà-ñăąāćčďđęěēėğģįīķĺľłļœŕśşšťüźżžґﬁﬂ"
  /// Letters of other alphabets, where they end words like any other.
  private static let foreignUpper: ScalarSet = "ÞΑ-ΩΆΈΉΊΌΎΏΪΫЁ-Я"
  private static let foreignLower: ScalarSet = "α-ωάέήίΰа-џ"
  private static let box: ScalarSet = "│┌┐┘├┤┬┼═-╬▀▄█▌▐░▒▓"

  private static let anyButLineBreak = ScalarSet { $0 != "\n" }
  private static let notLatinLetter = ScalarSet {
    !("a"..."z").contains($0) && !("A"..."Z").contains($0)
  }

  // MARK: Neighbourhoods

  private static let neighbourhoods: [[ScalarSet]] = general + ofOneEncoding

  private static let general: [[ScalarSet]] = {
    let accented = lower | upper
    let symbol = box | opening | closing | currency | numeric | law
    return [
      [control],
      [bad | accented | symbol, bad],
      ["a-zA-Z", foreignLower | foreignUpper, bad],
      [bad, accented | symbol],
      [lower | foreignLower | box | closing | currency | numeric, upper],
      [box | closing | currency | numeric, lower],
      [lower | box | closing, currency],
      [.whitespace, upper, currency],
      [upper | box, numeric | law],
      [accented | box | currency | closing, opening, numeric],
      [accented | currency | numeric | box | law, closing, opening],
      [currency | numeric | box, opening],
      ["a-z", upper, opening | currency],
      [box, face],
      [accented | currency | numeric | opening | closing | law, box],
      [box, closing],
      [accented, opening | closing, .word],
      ["Œœ", notLatinLetter],
      [upper, "°"],
    ]
  }()

  /// Pairs and triples that one encoding in particular makes of one script in particular.
  private static let ofOneEncoding: [[ScalarSet]] = {
    let arabic = common | currency | bad | numeric | opening | "ŸŠ®°µ»"
    let cyrillic = control | bad | opening | closing | currency | "°µ"
    let greek = control | bad | opening | closing | currency | "°"
    return [
      // Windows-1252
      ["ÂÃÎÐ", "€œŠš¢£Ÿž\u{A0}\u{AD}®©°·»–—´" | opening | closing],
      ["×", "²³"],
      ["ØÙ", arabic, "ØÙ", arabic],
      ["à", "²µ¹¼½¾"],
      ["Ã", "\u{A0}¡"],
      ["a-z", "ÃÂ", " "],
      ["a-z", .whitespace, "ÃÂ", " "],
      ["a-z.,?!" | closing, "Â", " " | opening | closing],
      // Mac Roman
      ["√", "±∂†≠®™´≤≥¥µø"],
      ["≈", "°¢"],
      ["‚", "Ä", "ìîïòôúùû†°¢π"],
      ["‚", "âó", "àä°ê"],
      // Windows-1251
      ["в", "Ђ"],
      ["ВГРС", cyrillic, "ВГРС"],
      ["Г", "ў", "В", "Ђ", "В", anyButLineBreak, "A-Za-z "],
      // Windows-1253
      ["β", "€", "™\u{A0}Ά\u{AD}®°"],
      ["ΒΓΞΟ", greek, "ΒΓΞΟ"],
      // Windows-1257
      ["ā", "€"],
    ]
  }()
}
