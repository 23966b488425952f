//! `Patient/$explain-access`: why somebody sees a resource or does not, layer by layer.
//!
//! For privacy officers, about resources that their organisation answers for and about its own
//! people, and for the system; never for whoever is kept out. What is told is the decision itself:
//! the scope that the person would get explains the row. Facts that other organisations keep are
//! not named.

use accord_access::{
    AccessRequest, ByConsent, Decision, Explanation, Fact, Interaction, Layer, Names, RowView,
    Scope, Step,
};
use accord_base::{LogTime, Principal, Purpose, ResourceId, Role, Subject};
use accord_fhir::IssueCode;
use accord_index::{Found, Paging, RowRef, View};
use accord_query::{Handling, Query};
use accord_spec::ResourceType;

use super::Operation;
use super::parameters::{
    Parameters, WHO, code, group, instant, invalid, of_own_organization, parameters, reference,
    text,
};
use crate::interaction::Drawn;
use crate::interaction::late::in_time;
use crate::interaction::read::not_found;
use crate::{Answer, Engine, Failure, Request};

/// Types that state facts about a patient.
const STATING: &str = "Appointment,CareTeam,Consent,Coverage,Encounter,EpisodeOfCare,Patient,\
                       ServiceRequest,Task";
/// Rows read at a time.
const ROWS: usize = 1000;
/// Facts named for one layer.
const MOST_FACTS: usize = 20;

/// A fact that decided.
struct Ground {
    layer: Layer,
    /// The stating version; `None`: it is kept by another organisation.
    reference: Option<String>,
}

/// What is explained, to whom, and about whom.
struct Case<'a> {
    /// The state as it may be told.
    view: &'a View,
    /// The person who would ask.
    named: &'a Subject,
    /// What they would get.
    scope: &'a Scope,
    row: RowView<'a>,
    now: LogTime,
}

impl Engine {
    /// Answers `$explain-access`.
    pub(super) fn explain_access(
        &self,
        request: &Request,
        operation: &Operation,
        view: &View,
    ) -> Drawn {
        match self.try_explain(request, operation, view) {
            Ok((text, patients)) => (Ok(Answer::Resource(text)), patients),
            Err(failure) => (Err(failure), Vec::new()),
        }
    }

    fn try_explain(
        &self,
        request: &Request,
        operation: &Operation,
        view: &View,
    ) -> Result<(String, Vec<ResourceId>), Failure> {
        let known = [&["resource", "patient", "at"], WHO.as_slice()].concat();
        let asked = Parameters::parse(&operation.body, &known)?;
        let named = asked.subject(&*self.rng)?;
        of_own_organization(&request.subject, &named)?;
        let (kind, id) = match (asked.reference("resource")?, asked.reference("patient")?) {
            (Some(one), None) => one,
            (None, Some(one)) if one.0 == "Patient" => one,
            _ => return Err(invalid(IssueCode::Required, "one `resource` or `patient` is needed")),
        };
        let resource_type = ResourceType::from_name(&kind).ok_or_else(not_found)?;
        let Found::Live(row) = view.read(resource_type, id.as_str()) else {
            return Err(not_found());
        };
        if let Some(span) = super::then::span(&asked)? {
            if asked.get("subject").is_none() {
                let text = "what was decided is recorded of a person: `subject` is needed";
                return Err(invalid(IssueCode::Required, text));
            }
            return self.explain_then(request, &named, &row, span);
        }
        let what =
            AccessRequest { interaction: Interaction::Read, resource_type: Some(resource_type) };
        let (decision, _) = self.decide_now(&named, what);
        let now = self.clock.now();
        let mut grounds = Vec::new();
        let told = match &decision {
            Decision::Permit(scope) => {
                let told = row.with_columns(|columns| {
                    let case = Case { view, named: &named, scope, row: columns, now };
                    self.grounds(request, &case, &mut grounds)?;
                    Ok(scope.explain(columns))
                });
                told.unwrap_or_else(|| Err(not_found()))?
            }
            Decision::Deny { reasons } => Explanation::of_refusal(reasons),
        };
        let mut parts = vec![
            code("verdict", told.verdict()),
            instant("at", now),
            reference("resource", &versioned(&row)),
        ];
        parts.extend(told.steps.iter().map(|step| layer(view, step, &grounds)));
        if !told.is_whole() {
            parts.push(text("remark", "rules decide here that these layers do not tell apart"));
        }
        Ok((parameters(&parts), self.patients_of([&row])))
    }

    /// The facts that decide about a row, by what its patients' records state.
    fn grounds(
        &self,
        request: &Request,
        case: &Case<'_>,
        grounds: &mut Vec<Ground>,
    ) -> Result<(), Failure> {
        self.agreements(case, grounds);
        let types = vec![("_type".to_owned(), STATING.to_owned())];
        let (query, _) = self.parse_query(None, types, Handling::Strict)?;
        for patient in case.row.patients {
            let Some(own) = self.patient_name(*patient).and_then(|id| self.record_of(&id)) else {
                continue;
            };
            self.each_row(request, &own, &query, |row| {
                let (by, stated) = {
                    let policy = self.policy.read();
                    let stated: Vec<Fact> = policy.stated(row.row()).collect();
                    (row.policy(), stated)
                };
                for fact in stated.iter().filter(|f| f.from() <= case.now && case.now < f.until()) {
                    let rests = |layer: &Layer| {
                        case.scope.rests_on(*layer, case.named, case.row, (by.controller, fact))
                    };
                    let layers = Layer::ALL.map(|(layer, _)| layer);
                    let Some(layer) = layers.into_iter().find(rests) else { continue };
                    let seen = RowView::of(row.resource_type(), row.deleted(), &by);
                    let may = case.view.scope().admits(seen);
                    grounds.push(Ground { layer, reference: may.then(|| versioned(row)) });
                }
            })?;
        }
        Ok(())
    }

    /// The agreements that open a row to the organisation acted for.
    fn agreements(&self, case: &Case<'_>, grounds: &mut Vec<Ground>) {
        let own = case.named.organization.as_ref().and_then(|id| self.organization(id.as_str()));
        let Some(organization) = own else { return };
        let shares = self.policy.read().shares(organization);
        for (row, by, terms) in shares {
            let (from, until) = (LogTime(0), LogTime::NEVER);
            let fact = Fact::Shares { organization, terms, from, until };
            let layer = Layer::Controller;
            if case.scope.rests_on(layer, case.named, case.row, (by, &fact)) {
                let reference = case.view.row(row).map(|row| versioned(&row));
                grounds.push(Ground { layer, reference });
            }
        }
    }

    /// A patient's record as they see it: all that names them.
    pub(super) fn record_of(&self, patient: &ResourceId) -> Option<View> {
        let own = Subject {
            principal: Principal::Patient(patient.clone()),
            role: Role::Patient,
            organization: None,
            purpose: Purpose::Patrqt,
            token_id: String::new(),
            test: false,
            grant: None,
        };
        let what = AccessRequest { interaction: Interaction::SearchSystem, resource_type: None };
        let (decision, snapshot) = self.decide_now(&own, what);
        match decision {
            Decision::Permit(scope) => Some(View::new(snapshot, scope)),
            Decision::Deny { .. } => None,
        }
    }

    /// Hands every row of a patient's record that a query finds to `with`.
    pub(super) fn each_row(
        &self,
        request: &Request,
        view: &View,
        query: &Query,
        mut with: impl FnMut(&RowRef<'_>),
    ) -> Result<(), Failure> {
        let mut after = None;
        loop {
            in_time(request)?;
            let paging = Paging { after, count: ROWS, total: false };
            let page = view
                .search(query, &paging)
                .map_err(|error| self.index_failure("reading a patient's record", &error))?;
            page.rows.iter().for_each(&mut with);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }
}

/// A version as a reference.
fn versioned(row: &RowRef<'_>) -> String {
    format!("{}/{}/_history/{}", row.resource_type().name(), row.id(), row.version())
}

/// What a layer says, as a parameter.
fn layer(view: &View, step: &Step, grounds: &[Ground]) -> String {
    let mut parts = vec![code("layer", step.layer.code()), code("verdict", step.says.code())];
    parts.extend(step.rule.map(|rule| code("rule", rule.code())));
    parts.push(text("reason", step.reason));
    let mut named: Vec<&str> = Vec::new();
    let mut elsewhere = false;
    for ground in grounds.iter().filter(|ground| ground.layer == step.layer) {
        match ground.reference.as_deref() {
            Some(one) if named.contains(&one) || named.len() >= MOST_FACTS => {}
            Some(one) => named.push(one),
            None => elsewhere = true,
        }
    }
    parts.extend(named.into_iter().map(|one| reference("fact", one)));
    for by in &step.provisions {
        match provision(view, by) {
            Some(part) => parts.push(part),
            None => elsewhere = true,
        }
    }
    if elsewhere {
        parts.push(text("elsewhere", "facts that another organisation keeps decide too"));
    }
    group("layer", &parts)
}

/// A provision that decided, if the consent may be named.
pub(super) fn provision(view: &View, by: &ByConsent) -> Option<String> {
    match view.read(ResourceType::CONSENT, &by.id) {
        Found::Live(row) => {
            let parts = [reference("consent", &versioned(&row)), text("element", &by.element)];
            Some(group("provision", &parts))
        }
        _ => None,
    }
}
