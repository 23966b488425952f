//! What a Subscription asks for.

use std::borrow::Cow;

use accord_base::{LogTime, Role, Subject};
use accord_fhir::DateRange;
use accord_fhir::json::{Value, parse};
use accord_spec::ResourceType;

use crate::headers;

/// Front of the topics that there are: one for each type of resource, whose events are its changes.
pub const TOPIC: &str = "urn:accord:topic:";
/// Front of the extensions of the backport.
const BACKPORT: &str =
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-";
/// Says whose a Subscription is: R5's `Subscription.managingEntity`.
const MANAGING_ENTITY: &str =
    "http://hl7.org/fhir/5.0/StructureDefinition/extension-Subscription.managingEntity";
/// Shortest time between heartbeats, in seconds.
const LEAST_HEARTBEAT_S: u64 = 10;
/// Longest time that a receiver may take, and the usual one, in seconds.
const MOST_TIMEOUT_S: u64 = 30;

/// How much of a change is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content {
    /// That there is one.
    Empty,
    /// Of what.
    IdOnly,
    /// What it says.
    Full,
}

impl Content {
    /// From the backport's code.
    pub fn from_code(code: &str) -> Option<Content> {
        [Content::Empty, Content::IdOnly, Content::Full].into_iter().find(|it| it.code() == code)
    }

    /// The backport's code.
    pub fn code(self) -> &'static str {
        match self {
            Content::Empty => "empty",
            Content::IdOnly => "id-only",
            Content::Full => "full-resource",
        }
    }
}

/// The way on which changes are told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Channel {
    /// They are sent to an address.
    RestHook {
        /// Where to.
        endpoint: String,
        /// Headers to send with it.
        headers: Vec<(String, String)>,
    },
    /// They go to whoever holds a socket that is bound to the Subscription.
    WebSocket,
}

/// What a Subscription asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// The topic.
    pub topic: String,
    /// The search that goes on.
    pub criteria: Vec<String>,
    /// The way on which it is told.
    pub channel: Channel,
    /// How much is told.
    pub content: Content,
    /// How long nothing is sent at most, in seconds.
    pub heartbeat_s: Option<u64>,
    /// How long the receiver may take, in seconds.
    pub timeout_s: u64,
    /// Events in one notification at most, where it says so.
    pub most: Option<usize>,
    /// When it ends.
    pub end: Option<LogTime>,
    /// Whose it says that it is: references.
    pub managed_by: Vec<String>,
}

impl Wanted {
    /// Reads a Subscription; `None` if it is off.
    ///
    /// # Errors
    /// In words what cannot be served.
    pub fn read(body: &str) -> Result<Option<Wanted>, String> {
        let tape = parse(body.as_bytes(), Default::default()).map_err(|_| "it is not readable")?;
        let root = tape.root();
        let status = root.get_str("status").unwrap_or_default();
        if !matches!(&*status, "requested" | "active") {
            return Ok(None);
        }
        let channel = root.get("channel").ok_or("it has no channel")?;
        let payload = channel.get_str("payload").unwrap_or(Cow::Borrowed("application/fhir+json"));
        if !matches!(&*payload, "application/fhir+json" | "application/json") {
            return Err("the payload can be `application/fhir+json` alone".to_owned());
        }
        let (topic, criteria) = searched(root)?;
        let way = match channel.get_str("type").as_deref() {
            Some("rest-hook") => Channel::RestHook {
                endpoint: channel.get_str("endpoint").ok_or("it has no endpoint")?.into_owned(),
                headers: headers::read(channel)?,
            },
            Some("websocket") => Channel::WebSocket,
            _ => return Err("channels of the types `rest-hook` and `websocket` are served".into()),
        };
        let number =
            |name| extension(channel, name, "valueUnsignedInt").and_then(|n| n.parse().ok());
        let heartbeat_s: Option<u64> = number("heartbeat-period");
        let timeout_s: Option<u64> = number("timeout");
        let most = extension(channel, "max-count", "valuePositiveInt");
        let most = most.and_then(|most| most.parse().ok()).filter(|most| *most > 0);
        Ok(Some(Wanted {
            topic,
            criteria,
            channel: way,
            content: content(channel)?,
            heartbeat_s: heartbeat_s.map(|seconds| seconds.max(LEAST_HEARTBEAT_S)),
            timeout_s: timeout_s.unwrap_or(MOST_TIMEOUT_S).clamp(1, MOST_TIMEOUT_S),
            most,
            end: end(root)?,
            managed_by: managed_by(root),
        }))
    }

    /// Checks that it may be told as whoever wrote this version. A person's says whose it is, and
    /// ends when another writes it: it would be told what they see.
    ///
    /// # Errors
    /// In words why not.
    pub fn check_writer(&self, writer: &Subject) -> Result<(), String> {
        let person = !matches!(writer.role, Role::System | Role::Integration);
        match &self.managed_by[..] {
            [] if !person => Ok(()),
            [one] if *one == writer.reference() => match self.channel {
                // Nobody vouches for an address that a person's app names.
                Channel::RestHook { .. } if person => {
                    Err("a person's subscription is told at websockets alone".to_owned())
                }
                _ => Ok(()),
            },
            _ => Err("it is not of whoever wrote it last".to_owned()),
        }
    }
}

/// The topic, and the search that its filters make of it: all of them must be met.
fn searched(root: Value<'_>) -> Result<(String, Vec<String>), String> {
    let topic = root.get_str("criteria").ok_or("it has no criteria")?.into_owned();
    let known = topic.strip_prefix(TOPIC).and_then(ResourceType::from_name);
    let resource_type = known.ok_or("its criteria are no topic of this server")?;
    let mut conditions = Vec::new();
    for filter in
        root.get("_criteria").map(|e| extensions(e, "filter-criteria")).unwrap_or_default()
    {
        let text = filter.get_str("valueString").unwrap_or_default().into_owned();
        let query = match text.split_once('?') {
            Some((name, query)) if name == resource_type.name() => query.to_owned(),
            Some(_) => return Err("a filter is of another type than the topic".to_owned()),
            None => text,
        };
        conditions.push(query);
    }
    let query = conditions.join("&");
    Ok((topic, vec![format!("{}?{query}", resource_type.name())]))
}

fn content(channel: Value<'_>) -> Result<Content, String> {
    let said = channel.get("_payload");
    let said = said.and_then(|element| extension(element, "payload-content", "valueCode"));
    said.as_deref()
        .and_then(Content::from_code)
        .ok_or_else(|| "the content is to be `empty`, `id-only` or `full-resource`".to_owned())
}

fn end(root: Value<'_>) -> Result<Option<LogTime>, String> {
    let Some(text) = root.get_str("end") else { return Ok(None) };
    let range = DateRange::parse(&text).ok_or("its end is no instant")?;
    Ok(Some(LogTime(u64::try_from(range.low).unwrap_or_default())))
}

fn managed_by(root: Value<'_>) -> Vec<String> {
    let all = root.get("extension").map(Value::items).into_iter().flatten();
    let said = all.filter(|e| e.get_str("url").as_deref() == Some(MANAGING_ENTITY));
    let reference =
        |e: Value<'_>| e.get("valueReference")?.get_str("reference").map(Cow::into_owned);
    // What names nobody is nobody's.
    said.map(|e| reference(e).unwrap_or_default()).collect()
}

fn extensions<'a>(element: Value<'a>, name: &str) -> Vec<Value<'a>> {
    let all = element.get("extension").map(Value::items).into_iter().flatten();
    let is = |e: &Value<'a>| {
        e.get_str("url").is_some_and(|url| url.strip_prefix(BACKPORT) == Some(name))
    };
    all.filter(is).collect()
}

fn extension(element: Value<'_>, name: &str, value: &str) -> Option<String> {
    let found = extensions(element, name).into_iter().next()?.get(value)?;
    Some(found.as_str().map_or_else(|| found.raw().to_owned(), Cow::into_owned))
}
