//! Modifiers that a terminology answers.

use accord_spec::ResourceType;

use crate::{Coded, Handling, Query, Test, Token, TokenSystem};

use super::*;

fn read(text: &str) -> Result<Query, String> {
    let params: Vec<(&str, &str)> = text.split('&').map(|p| p.split_once('=').unwrap()).collect();
    let context = context(Handling::Strict);
    let parsed = crate::parse(Some(ResourceType::OBSERVATION), params, &context);
    parsed.map(|p| p.query).map_err(|issues| issues[0].diagnostics.clone())
}

#[test]
fn value_sets_and_concepts_are_read_and_written() {
    for text in [
        "code:in=http://x.org/vs",
        "code:not-in=http://x.org/vs\\|2,ValueSet/a",
        "code:below=urn:s|c",
        "code:above=urn:s|c,urn:s|d",
        "patient._security:in=http://x.org/vs",
    ] {
        let query = read(text).unwrap();
        let again = query.to_query_string().replace("%5C", "\\").replace("%7C", "|");
        assert_eq!(again, text);
    }
    for text in ["code:below=c", "code:above=|c", "code:below=urn:s|", "code:in=", "status:in"] {
        if let Some((name, value)) = text.split_once('=') {
            assert!(read(&format!("{name}={value}")).is_err(), "{text}");
        }
    }
    assert!(read("date:in=http://x.org/vs").is_err());
}

#[test]
fn codes_take_their_place() {
    let mut query = read("code:in=urn:v&patient._security:below=urn:s|c&status=final").unwrap();
    let mut asked = Vec::new();
    let token = Token { system: TokenSystem::Any, code: Some("z".to_owned()) };
    let test = Test::Token { negated: false, any_of: vec![token] };
    query
        .replace_coded::<()>(&mut |coded: &Coded| {
            asked.push(coded.clone());
            Ok(test.clone())
        })
        .unwrap();
    assert_eq!(asked.len(), 2);
    assert_eq!(query.clauses[0].test, test);
    let Test::Chain(chain) = &query.clauses[1].test else { panic!() };
    assert!(chain.links.iter().all(|link| link.clause.test == test));
}
