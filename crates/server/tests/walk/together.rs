//! Many at once: conditions hold although others write meanwhile.

use std::collections::BTreeSet;
use std::thread;

use serde_json::json;

use crate::common::Store;
use crate::id_of;

const THREADS: usize = 8;

#[test]
fn a_conditional_create_makes_one_for_all() {
    let store = Store::new();
    let server = store.serve();
    let token = store.system();
    for round in 0..5 {
        let value = format!("n{round}");
        let body = json!({"resourceType": "Organization", "name": "A",
            "identifier": [{"system": "http://x.example/n", "value": value}]});
        let condition = format!("identifier=http://x.example/n|{value}");
        let ids: BTreeSet<String> = thread::scope(|scope| {
            let ask = |_| {
                let (mut client, body, condition) = (server.client(&token), &body, &condition);
                scope.spawn(move || {
                    let headers = [("If-None-Exist", condition.as_str())];
                    id_of(&client.ask("POST", "Organization", &headers, &body.to_string()))
                })
            };
            let asked: Vec<_> = (0..THREADS).map(ask).collect();
            asked.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(ids.len(), 1);
    }
    let total = server.client(&token).get("Organization?_summary=count").json();
    assert_eq!(total["total"], 5);
}

#[test]
fn bundles_that_share_an_entry_store_it_once() {
    let store = Store::new();
    let server = store.serve();
    let token = store.system();
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a",
         "request": {"method": "POST", "url": "Organization",
            "ifNoneExist": "identifier=http://x.example/n|1"},
         "resource": {"resourceType": "Organization", "name": "A",
            "identifier": [{"system": "http://x.example/n", "value": "1"}]}},
        {"request": {"method": "POST", "url": "Patient"},
         "resource": {"resourceType": "Patient", "managingOrganization":
            {"reference": "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a"}}},
    ]});
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let (mut client, bundle) = (server.client(&token), &bundle);
            scope.spawn(move || client.post("", &bundle.to_string()).expect(200));
        }
    });
    let mut client = server.client(&token);
    let page = client.get("Organization").expect(200).json();
    assert_eq!(page["total"], 1);
    let id = page["entry"][0]["resource"]["id"].as_str().unwrap();
    let query = format!("Patient?organization={id}&_summary=count");
    assert_eq!(client.get(&query).json()["total"], THREADS);
}

#[test]
fn no_update_is_lost() {
    let store = Store::new();
    let server = store.serve();
    let token = store.system();
    let body =
        |n: i64| json!({"resourceType": "Basic", "id": "n", "code": {"text": n.to_string()}});
    server.client(&token).put("Basic/n", &body(0).to_string()).expect(201);
    const EACH: i64 = 5;
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let mut client = server.client(&token);
            scope.spawn(move || {
                let mut done = 0;
                while done < EACH {
                    let read = client.get("Basic/n").expect(200);
                    let tag = read.header("etag").unwrap().to_owned();
                    let number =
                        read.json()["code"]["text"].as_str().unwrap().parse::<i64>().unwrap();
                    let next = body(number + 1).to_string();
                    match client.ask("PUT", "Basic/n", &[("If-Match", &tag)], &next).status {
                        200 => done += 1,
                        status => assert_eq!(status, 412),
                    }
                }
            });
        }
    });
    let sum = THREADS as i64 * EACH;
    let mut client = server.client(&token);
    let last = client.get("Basic/n").expect(200);
    assert_eq!(last.json()["code"]["text"], sum.to_string());
    assert_eq!(last.header("etag"), Some(format!("W/\"{}\"", sum + 1).as_str()));
}
