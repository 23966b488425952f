//! HTML, plain: forms that work without scripts, labels, errors as text.

use accord_auth::Session;
pub(super) use accord_base::html_escaped as escape;
use hyper::StatusCode;

use super::Asked;
use super::output::Output;

/// Titles of the pages that people have of their own.
pub(super) const ACCOUNT: &str = "Your account";
/// As above.
pub(super) const SESSIONS: &str = "Sessions and apps";

/// Told where a form belongs to no session.
pub(super) const STALE: &str = "this form is no longer good; go back and try again";

/// A page with a heading; `content` is HTML. An error is told before it, and in the title.
pub(super) fn html(title: &str, error: Option<&str>, content: &str) -> String {
    whole(title, error, "", content)
}

/// A page of someone who has signed in: with the way to their other pages, and out.
pub(super) fn own(title: &str, error: Option<&str>, session: &Session, content: &str) -> String {
    let link = |to: &str, label: &str| {
        let here = if title == label { " aria-current=\"page\"" } else { "" };
        format!("<a href=\"/auth/{to}\"{here}>{label}</a>")
    };
    let out =
        hidden("form", &session.form) + "<button type=\"submit\" class=\"plain\">Sign out</button>";
    let nav = format!(
        "<nav aria-label=\"Your pages\">{}{}{}</nav>",
        link("account", ACCOUNT),
        link("sessions", SESSIONS),
        form("/auth/sign-out", &out)
    );
    whole(title, error, &nav, content)
}

fn whole(title: &str, error: Option<&str>, nav: &str, content: &str) -> String {
    let title = escape(title);
    let before = if error.is_some() { "Error: " } else { "" };
    let told = error.map_or_else(String::new, |error| {
        format!("<p class=\"error\" role=\"alert\">{}</p>", escape(&sentence(error)))
    });
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{before}{title} – Accord</title><link rel=\"stylesheet\" href=\"/auth/style.css\">\
         </head><body><header><p class=\"name\">Accord</p>{nav}</header>\
         <main><h1>{title}</h1>{told}{content}</main></body></html>"
    )
}

/// A text of a fault as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// A page that tells of an error and nothing else.
pub(super) fn error<S>(_: &Asked<'_, S>, status: StatusCode, text: &str) -> Output {
    Output::html(status, html("That did not work", Some(text), ""), "")
}

/// A text field with its label. `more` is further attributes.
pub(super) fn field(name: &str, label: &str, kind: &str, more: &str) -> String {
    format!(
        "<label for=\"{name}\">{label}</label>\
         <input id=\"{name}\" name=\"{name}\" type=\"{kind}\" required {more}>"
    )
}

/// A field that is not shown.
pub(super) fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escape(value))
}

/// A form around fields and buttons, which are HTML.
pub(super) fn form(action: &str, content: &str) -> String {
    format!("<form method=\"post\" action=\"{action}\">{content}</form>")
}

/// A button that sends its form.
pub(super) fn button(label: &str) -> String {
    format!("<button type=\"submit\">{label}</button>")
}
