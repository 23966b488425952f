//! A JSON writer: members come out in the order they are written, so equal input gives equal bytes.

use std::fmt::{Display, Write};

/// Text of a JSON value under construction. Every method writes one member of the object (or one
/// element of the list) that is open; the comma before it follows from the last byte written.
#[derive(Default)]
pub(crate) struct Json {
    text: String,
}

impl Json {
    /// Takes the text and leaves an empty writer.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    /// Writes bytes of JSON as they are, without a comma.
    pub fn raw(&mut self, json: &str) {
        self.text.push_str(json);
    }

    /// An object without a key: the document itself or an element of a list.
    pub fn item(&mut self, body: impl FnOnce(&mut Json)) {
        self.comma();
        self.text.push('{');
        body(self);
        self.text.push('}');
    }

    /// A member whose value is an object.
    pub fn object(&mut self, key: &str, body: impl FnOnce(&mut Json)) {
        self.key(key);
        self.text.push('{');
        body(self);
        self.text.push('}');
    }

    /// A member whose value is a list.
    pub fn list(&mut self, key: &str, body: impl FnOnce(&mut Json)) {
        self.key(key);
        self.text.push('[');
        body(self);
        self.text.push(']');
    }

    /// A member whose value is a string; left out when the string is empty.
    pub fn text(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.key(key);
            self.string(value);
        }
    }

    /// A member whose value is a list of strings.
    pub fn texts(&mut self, key: &str, values: &[&str]) {
        self.list(key, |j| {
            for value in values {
                j.comma();
                j.string(value);
            }
        });
    }

    /// A member whose value is a string made by `Display`, of characters that need no escape.
    pub fn show(&mut self, key: &str, value: impl Display) {
        self.key(key);
        self.text.push('"');
        self.plain(value);
        self.text.push('"');
    }

    /// A member whose value is an integer.
    pub fn number(&mut self, key: &str, value: i64) {
        self.key(key);
        self.plain(value);
    }

    /// A member whose value is `scaled` × 10^-`digits`, written with exactly that many decimals.
    pub fn decimal(&mut self, key: &str, scaled: i64, digits: u32) {
        self.key(key);
        if digits == 0 {
            return self.plain(scaled);
        }
        let unit = 10i64.pow(digits);
        let sign = if scaled < 0 { "-" } else { "" };
        let (whole, part) = ((scaled / unit).abs(), (scaled % unit).abs());
        self.plain(format_args!("{sign}{whole}.{part:0width$}", width = digits as usize));
    }

    /// A member whose value is a boolean.
    pub fn flag(&mut self, key: &str, value: bool) {
        self.key(key);
        self.text.push_str(if value { "true" } else { "false" });
    }

    fn key(&mut self, key: &str) {
        self.comma();
        self.text.push('"');
        self.text.push_str(key);
        self.text.push_str("\":");
    }

    fn comma(&mut self) {
        if !matches!(self.text.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.text.push(',');
        }
    }

    fn plain(&mut self, value: impl Display) {
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{value}");
    }

    fn string(&mut self, value: &str) {
        self.text.push('"');
        for c in value.chars() {
            match c {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                c if (c as u32) < 0x20 => self.plain(format_args!("\\u{:04x}", c as u32)),
                c => self.text.push(c),
            }
        }
        self.text.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_escapes() {
        let mut json = Json::default();
        json.item(|j| {
            j.text("b", "a \"q\" \\ \n\u{1}é");
            j.texts("a", &["x", "y"]);
            j.text("left out", "");
            j.list("l", |j| {
                j.item(|j| j.number("n", -3));
                j.item(|j| j.flag("f", true));
            });
        });
        let expect = r#"{"b":"a \"q\" \\ \n\u0001é","a":["x","y"],"l":[{"n":-3},{"f":true}]}"#;
        assert_eq!(json.take(), expect);
    }

    #[test]
    fn decimals_keep_their_digits() {
        for (scaled, digits, expect) in
            [(70, 1, "7.0"), (-5, 2, "-0.05"), (12, 0, "12"), (-1234, 2, "-12.34")]
        {
            let mut json = Json::default();
            json.item(|j| j.decimal("v", scaled, digits));
            assert_eq!(json.take(), format!("{{\"v\":{expect}}}"));
        }
    }
}
