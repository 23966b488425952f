//! What the demonstration tells: steps on standard error, results on standard output.

use std::io::Write;

use serde_json::Value;

use super::pages::{PASSWORD, login};
use super::server::Server;
use super::{Question, SignedIn, total};

/// Announces a step.
pub fn step(text: &str) {
    eprintln!("== {text}");
}

/// Writes to standard output.
pub fn line(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "{text}").and_then(|()| out.flush());
    written.map_err(|e| format!("standard output: {e}"))
}

/// Tells where the server is, who can sign in, and what to ask.
pub fn tell(
    server: &Server,
    pages: bool,
    people: &[SignedIn],
    questions: &[Question<'_>],
    answers: &[Value],
) -> Result<(), String> {
    let mut text = format!("\nAccord serves FHIR R4 at {}\n", server.base());
    if pages {
        let origin = server.base().strip_suffix("/fhir").unwrap_or(server.base());
        text.push_str(&format!("Its pages are at {origin}: sign in with a login below, "));
        text.push_str(&format!("the password is `{PASSWORD}`\n"));
    }
    text.push_str("\nSign-ins\n");
    people.iter().for_each(|person| text.push_str(&row(person)));
    text.push_str("\nTheir bearer tokens, good for 12 hours, as shell variables to paste\n\n");
    text.push_str(&format!("FHIR={}\n", server.base()));
    for person in people {
        text.push_str(&format!("{}={}\n", person.variable, person.token));
    }
    text.push_str("\nThe same search by two clinicians, and a patient's own record\n\n");
    for (question, answer) in questions.iter().zip(answers) {
        text.push_str(&curl(question, answer));
    }
    text.push_str(&format!("\nThe server's log: {}\nStop with ctrl-C.", server.log().display()));
    line(&text)
}

fn row(person: &SignedIn) -> String {
    let who = person.who;
    let organization = who.organization.unwrap_or("no organisation");
    format!(
        "  {:<18} {}\n{:21}{}, {}, {}\n{:21}sees {}\n",
        login(who),
        who.label,
        "",
        who.role.code(),
        organization,
        who.purpose.code(),
        "",
        who.shows
    )
}

fn curl(question: &Question<'_>, answer: &Value) -> String {
    let Question { asker, path } = question;
    let got = match total(answer) {
        Some(total) => format!("total {total}"),
        None => "the resource".to_owned(),
    };
    format!(
        "# {}: {got}\ncurl -s -H \"Authorization: Bearer ${}\" \"$FHIR/{path}\"\n",
        asker.who.label, asker.variable
    )
}
