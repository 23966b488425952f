//! Those who listen, and the one who writes.

use std::io;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::sleep;

use super::{Ear, Heard, Kind, Plan, socket, stream};
use crate::child::Server;
use crate::load;
use crate::run::command;

/// Streams and sockets that one person may have.
const EACH: usize = 16;
/// For how long their tokens are good, in seconds.
const GOOD_S: &str = "3600";

/// Tokens of systems that are told what one hospital answers for.
pub struct People {
    writer: String,
    /// Who listen at streams; those at sockets follow.
    streams: Vec<String>,
    sockets: Vec<String>,
}

impl People {
    /// A store in the folder, and tokens for it.
    pub fn new(plan: &Plan<'_>, data: &str) -> io::Result<People> {
        command(plan.accord, &["init", "--data", data, "--test-principals"])?;
        let token = |name: String| {
            let mut arguments = vec!["token", "--data", data, "--role", "integration"];
            let name = format!("Device/{name}");
            arguments.extend(["--as", &name, "--organization", "Organization/bench"]);
            arguments.extend(["--seconds", GOOD_S]);
            command(plan.accord, &arguments).map(|token| token.trim().to_owned())
        };
        let of = |name: &str, count: usize| {
            let all = (0..count.div_ceil(EACH)).map(|n| token(format!("{name}-{n}")));
            all.collect::<io::Result<Vec<_>>>()
        };
        Ok(People {
            writer: token("writer".to_owned())?,
            streams: of("stream", plan.listeners)?,
            sockets: of("socket", plan.sockets)?,
        })
    }

    /// The token of whoever writes.
    pub fn writer(&self) -> &str {
        &self.writer
    }

    /// The request that creates an observation.
    pub fn create(&self, body: &str) -> Vec<u8> {
        load::request("POST", "/fhir/Observation", &self.writer, Some(body))
    }

    /// Writes a Subscription for each socket.
    pub async fn subscribe(&self, server: &Server, sockets: usize) -> io::Result<()> {
        for n in 0..sockets {
            let path = format!("/fhir/Subscription/s-{n}");
            let body = subscription(n);
            let request = load::request("PUT", &path, of(&self.sockets, n), Some(&body));
            let (status, said) = load::once(&server.address, &request).await?;
            if status != 201 {
                let said = String::from_utf8_lossy(&said);
                return Err(io::Error::other(format!("a Subscription: {status} {said}")));
            }
        }
        Ok(())
    }

    /// Opens streams, each for a search of the type for a patient of its own.
    pub async fn listen(
        &self,
        server: &Server,
        count: usize,
        resource_type: &str,
    ) -> io::Result<(Vec<Ear>, UnboundedReceiver<Heard>)> {
        let (sender, heard) = unbounded_channel();
        let mut ears = Vec::new();
        for n in 0..count {
            let patient = Kind::Stream.patient(n);
            let path = format!(
                "/fhir/$live?criteria={resource_type}%3Fsubject%3DPatient%2F{patient}%26status%3Dfinal"
            );
            let request = load::request("GET", &path, of(&self.streams, n), None);
            ears.push(stream::open(&server.address, &request, (n, sender.clone())).await?);
        }
        Ok((ears, heard))
    }

    /// Opens sockets, each bound to its Subscription.
    pub async fn bind(
        &self,
        server: &Server,
        count: usize,
    ) -> io::Result<(Vec<Ear>, UnboundedReceiver<Heard>)> {
        let (sender, heard) = unbounded_channel();
        let mut ears = Vec::new();
        for n in 0..count {
            let token = self.binding_token(server, n).await?;
            ears.push(socket::open(&server.address, &token, (n, sender.clone())).await?);
        }
        Ok((ears, heard))
    }

    async fn binding_token(&self, server: &Server, n: usize) -> io::Result<String> {
        let path = format!("/fhir/Subscription/s-{n}/$get-ws-binding-token");
        let request = load::request("GET", &path, of(&self.sockets, n), None);
        // Subscriptions are known of soon after they are written.
        for _ in 0..100 {
            let (status, body) = load::once(&server.address, &request).await?;
            if status == 200 {
                let text = String::from_utf8_lossy(&body).into_owned();
                let token = text.split_once("\"valueString\":\"").map_or("", |(_, rest)| rest);
                return Ok(token.split_once('"').map_or("", |(token, _)| token).to_owned());
            }
            sleep(Duration::from_millis(100)).await;
        }
        Err(io::Error::other("no token for a websocket is given"))
    }
}

/// The token of whoever has the `n`-th stream or socket.
fn of(tokens: &[String], n: usize) -> &str {
    tokens.get(n / EACH).map_or("", String::as_str)
}

fn subscription(n: usize) -> String {
    const BACKPORT: &str =
        "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-";
    let filter = format!("Observation?subject=Patient/{}", Kind::Socket.patient(n));
    serde_json::json!({"resourceType": "Subscription", "id": format!("s-{n}"),
        "status": "requested", "reason": "a benchmark",
        "criteria": "urn:accord:topic:Observation",
        "_criteria": {"extension":
            [{"url": format!("{BACKPORT}filter-criteria"), "valueString": filter}]},
        "channel": {"type": "websocket",
            "_payload": {"extension":
                [{"url": format!("{BACKPORT}payload-content"), "valueCode": "id-only"}]}}})
    .to_string()
}
