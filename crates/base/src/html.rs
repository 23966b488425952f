//! Text that stands in HTML.

/// Text as it may stand in an element or in an attribute between quotation marks: nothing in it is
/// markup (HTML Living Standard §13.3, escaping a string; here the apostrophe as well).
///
/// ```
/// assert_eq!(accord_base::html_escaped("<a b='1'> & \"c\""), "&lt;a b=&#39;1&#39;&gt; &amp; &quot;c&quot;");
/// ```
pub fn html_escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::html_escaped;

    #[test]
    fn nothing_is_markup() {
        for (text, escaped) in [
            ("", ""),
            ("plain\nétude 1/2", "plain\nétude 1/2"),
            ("<script>", "&lt;script&gt;"),
            ("&lt;", "&amp;lt;"),
            ("' onload=\"x\"", "&#39; onload=&quot;x&quot;"),
        ] {
            assert_eq!(html_escaped(text), escaped, "{text:?}");
        }
    }
}
