//! Decoded parameters to a query.

mod chain;
mod clause;
mod coded;
mod composite;
mod contained;
mod control;
mod fault;
mod include;
mod near;
mod ordered;
mod reference;
mod sort;
mod test;
mod token;
mod words;

use std::collections::HashSet;

use accord_fhir::{Issue, IssueCode, Severity};
use accord_spec::ResourceType;

use crate::context::{Context, Handling};
use crate::query::Query;
use fault::Fault;

/// A query and what was set aside to get it.
#[derive(Clone, PartialEq, Debug)]
pub struct Parsed {
    /// The query.
    pub query: Query,
    /// Warnings for parameters that lenient handling ignored.
    pub ignored: Vec<Issue>,
}

/// Reads the parameters of a search on a type, or at system level, in their order, names and
/// values decoded. On error: every fault found, each with `http.` and the parameter's name as its
/// expression (FHIR R4 OperationOutcome §2.32.5).
pub fn parse<N: AsRef<str>, V: AsRef<str>>(
    resource_type: Option<ResourceType>,
    params: impl IntoIterator<Item = (N, V)>,
    context: &Context<'_>,
) -> Result<Parsed, Vec<Issue>> {
    let mut reader = Reader::new(resource_type, context);
    for (name, value) in params {
        if let Err(fault) = reader.param(name.as_ref(), value.as_ref()) {
            let fatal = fault.code == IssueCode::TooCostly;
            reader.report(fault, name.as_ref());
            if fatal {
                break;
            }
        }
    }
    reader.check_contained();
    if reader.issues.is_empty() {
        Ok(Parsed { query: reader.query, ignored: reader.ignored })
    } else {
        Err(reader.issues)
    }
}

/// What has been read so far.
struct Reader<'a> {
    context: &'a Context<'a>,
    query: Query,
    issues: Vec<Issue>,
    ignored: Vec<Issue>,
    /// Control parameters met, each of which may stand once.
    once: HashSet<&'static str>,
    params: usize,
    bytes: usize,
    values: usize,
    links: usize,
}

impl<'a> Reader<'a> {
    fn new(resource_type: Option<ResourceType>, context: &'a Context<'a>) -> Reader<'a> {
        let query = Query { own: context.own.clone(), ..Query::on(resource_type) };
        let (issues, ignored, once) = (Vec::new(), Vec::new(), HashSet::new());
        Reader { context, query, issues, ignored, once, params: 0, bytes: 0, values: 0, links: 0 }
    }

    fn param(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        self.params += 1;
        self.bytes = self.bytes.saturating_add(name.len()).saturating_add(value.len());
        let limits = &self.context.limits;
        if self.params > limits.params {
            return Err(Fault::too_many("parameters", limits.params));
        }
        if self.bytes > limits.bytes {
            return Err(Fault::too_many("bytes of parameters", limits.bytes));
        }
        if self.control(name, value)? {
            return Ok(());
        }
        let clause = self.clause(self.query.resource_type, name, value, 0)?;
        self.query.clauses.push(clause);
        Ok(())
    }

    /// Counts values against the limit.
    fn spend(&mut self, values: usize) -> Result<(), Fault> {
        self.values = self.values.saturating_add(values);
        if self.values > self.context.limits.values {
            return Err(Fault::too_many("values", self.context.limits.values));
        }
        Ok(())
    }

    /// Keeps a fault: as a warning where lenient handling lets the parameter go, else as an error.
    fn report(&mut self, fault: Fault, name: &str) {
        let issue = Issue::at(fault.code, format!("http.{}", fault::cut(name)), fault.text);
        if fault.ignorable && self.context.handling == Handling::Lenient {
            self.ignored.push(issue.with_severity(Severity::Warning));
        } else {
            self.issues.push(issue);
        }
    }
}
