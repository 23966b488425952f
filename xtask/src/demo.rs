//! `cargo xtask demo`: a running server with a synthetic population and people to sign in as.

mod client;
mod department;
mod folder;
mod options;
mod pages;
mod program;
mod report;
mod server;

use std::net::TcpListener;

use accord_base::Role;
use accord_synth::{SIGN_INS, SignIn};

use department::{Department, Staff};
use options::Options;
use program::Program;
use server::Server;

/// How the command is called.
pub const USAGE: &str = "demo [--port 8080] [--data target/demo] [--patients 200] [--check]
                             run a server with a synthetic population";

/// The search that shows how answers depend on who asks.
const SEARCH: &str = "Observation?_summary=count";

/// Who works in the emergency department, and who at another hospital.
const CLERK: &str = "Practitioner/clerk-sedge";
const NURSE: &str = "Practitioner/nurse-apple";
const ELSEWHERE: &str = "Practitioner/dr-birch";

/// Someone to sign in as.
struct SignedIn {
    who: &'static SignIn,
    /// Name of the shell variable with the token.
    variable: String,
    token: String,
}

/// A question worth asking, and who asks it.
struct Question<'a> {
    asker: &'a SignedIn,
    /// Path and query below the base address.
    path: String,
}

/// Runs the demonstration until it is stopped; with `--check`, asks its own questions and ends.
pub fn run(args: &[String]) -> Result<(), String> {
    let options = Options::parse(args)?;
    free_port(options.port)?;
    folder::claim(&options.data)?;
    report::step("building the release binary (a few minutes the first time)");
    let program = Program::build()?;
    report::step(&format!("making a store with {} synthetic patients", options.patients));
    program.synth(&options.data, options.patients)?;
    let people = sign_in(&program, &options)?;
    report::step("building the pages");
    let pages = crate::web::build()?;
    let pages = pages.map_err(|why| report::step(&format!("no pages: {why}"))).ok();
    pages::accounts(&program, &options.data)?;
    report::step("starting the server");
    let server = Server::start(&program, &options, pages.as_deref())?;
    pages::register(&program, &options.data, server.base())?;
    let questions = questions(&people)?;
    let answers = ask(&server, &questions)?;
    if options.check {
        check(&answers)?;
        check_boards(&server, &people)?;
        server.stop()?;
        crate::web::check(program.path())?;
        return report::line("the demonstration works");
    }
    report::tell(&server, pages.is_some(), &people, &questions, &answers)?;
    let staff = Staff { clerk: token(&people, CLERK)?, nurse: token(&people, NURSE)? };
    Department::open(server.base(), staff)?.live();
    server.wait()
}

/// The token of someone by their reference.
fn token(people: &[SignedIn], principal: &str) -> Result<String, String> {
    let found = people.iter().find(|person| person.who.principal == principal);
    found.map(|person| person.token.clone()).ok_or(format!("`{principal}` cannot sign in"))
}

/// The nurse sees the department on the board, and a clinician of another hospital nobody.
fn check_boards(server: &Server, people: &[SignedIn]) -> Result<(), String> {
    let own = department::on_board(server.base(), &token(people, NURSE)?)?;
    let other = department::on_board(server.base(), &token(people, ELSEWHERE)?)?;
    if own > 0 && other == 0 { Ok(()) } else { Err(format!("the boards show {own} and {other}")) }
}

/// Fails early if something listens on the port already.
fn free_port(port: u16) -> Result<(), String> {
    TcpListener::bind(("127.0.0.1", port))
        .map(drop)
        .map_err(|error| format!("port {port} cannot be used ({error}); choose one with --port"))
}

fn sign_in(program: &Program, options: &Options) -> Result<Vec<SignedIn>, String> {
    let one = |who: &'static SignIn| {
        let id = who.principal.rsplit('/').next().unwrap_or_default();
        let variable = id.replace('-', "_").to_ascii_uppercase();
        Ok(SignedIn { who, variable, token: program.token(&options.data, who)? })
    };
    SIGN_INS.iter().map(one).collect()
}

/// The same search by the clinicians of both hospitals, and a patient's own record.
fn questions(people: &[SignedIn]) -> Result<Vec<Question<'_>>, String> {
    let of = |role: Role| people.iter().filter(move |person| person.who.role == role);
    let clinicians = of(Role::Clinician).take(2);
    let mut questions: Vec<Question<'_>> =
        clinicians.map(|asker| Question { asker, path: SEARCH.to_owned() }).collect();
    let patient = of(Role::Patient)
        .next()
        .map(|asker| Question { asker, path: format!("{}?_pretty=true", asker.who.principal) });
    questions.extend(patient);
    if questions.len() == 3 { Ok(questions) } else { Err("the sign-ins lack a role".to_owned()) }
}

/// What each question was answered with.
fn ask(server: &Server, questions: &[Question<'_>]) -> Result<Vec<serde_json::Value>, String> {
    let base = server.base();
    questions.iter().map(|q| client::get(base, &q.path, &q.asker.token)).collect()
}

/// The total of a page of results.
fn total(answer: &serde_json::Value) -> Option<u64> {
    answer.get("total").and_then(serde_json::Value::as_u64)
}

fn check(answers: &[serde_json::Value]) -> Result<(), String> {
    let [one, other, patient] = answers else { return Err("an answer is missing".to_owned()) };
    match (total(one), total(other)) {
        (Some(one), Some(other)) if one != other && one > 0 && other > 0 => {}
        totals => return Err(format!("the two totals should differ: {totals:?}")),
    }
    let kind = patient.get("resourceType").and_then(serde_json::Value::as_str);
    if kind == Some("Patient") { Ok(()) } else { Err("the patient got no Patient".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(who: &'static SignIn) -> SignedIn {
        SignedIn { who, variable: String::new(), token: String::new() }
    }

    #[test]
    fn the_sign_ins_give_three_questions() {
        let people: Vec<SignedIn> = SIGN_INS.iter().map(person).collect();
        let questions = questions(&people).unwrap();
        assert_eq!(questions[0].path, questions[1].path);
        assert_ne!(questions[0].asker.who.organization, questions[1].asker.who.organization);
        assert!(questions[2].path.starts_with("Patient/"));
    }

    #[test]
    fn equal_totals_and_strangers_are_noticed() {
        let answers = |one: u64, other: u64, kind: &str| {
            [
                serde_json::json!({ "total": one }),
                serde_json::json!({ "total": other }),
                serde_json::json!({ "resourceType": kind }),
            ]
        };
        assert!(check(&answers(3, 4, "Patient")).is_ok());
        assert!(check(&answers(3, 3, "Patient")).is_err());
        assert!(check(&answers(0, 4, "Patient")).is_err());
        assert!(check(&answers(3, 4, "OperationOutcome")).is_err());
        assert!(check(&[]).is_err());
    }

    #[test]
    fn a_taken_port_is_told() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let told = free_port(taken.local_addr().unwrap().port()).unwrap_err();
        assert!(told.contains("--port"), "{told}");
    }
}
