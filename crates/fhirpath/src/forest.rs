//! Many expressions evaluated on the same element in one walk.
//!
//! Expressions that begin alike share their beginning, and the members of an object are scanned
//! once for all of them. Extracting the search values of a resource takes half as long this way.

use std::ops::ControlFlow::Continue;

use accord_fhir::json::Value;
use accord_spec::{self as spec, TypeId};

use crate::error::EvalError;
use crate::eval::{Env, Flow, Frame, child, children, fits, truth, walk};
use crate::item::{Element, Item};
use crate::plan::{Op, Plan, Step, Type};

/// Expressions compiled for one type, joined at their common beginnings.
///
/// The two sides of a union at the top of an expression are taken as two expressions, so that what
/// both yield comes twice.
#[derive(Debug, Default)]
pub struct Forest {
    root: Branch,
    /// Expressions that are no plain chain of steps and filters, with their numbers.
    apart: Vec<(usize, Op)>,
    steps: u32,
}

/// What is done with an item.
#[derive(Debug, Default)]
struct Branch {
    /// The expressions that yield it.
    yields: Vec<usize>,
    /// Criteria, and what is done with items that meet them.
    tests: Vec<(Op, Branch)>,
    casts: Vec<(Type, Branch)>,
    /// Steps whose names are looked up when the item's type is known.
    open: Vec<(Step, Branch)>,
    /// Steps to members, sorted by [`order`].
    edges: Vec<Edge>,
    /// Whether an edge leads to a primitive, which may have a `_name` sibling.
    primitive: bool,
}

#[derive(Debug)]
struct Edge {
    holder: TypeId,
    key: &'static spec::Element,
    branch: Branch,
}

type Sink<'s, 'a> = &'s mut dyn FnMut(usize, Item<'a>);

impl Forest {
    /// Joins the expressions; each is known by its place in the list.
    pub fn new(plans: impl IntoIterator<Item = Plan>) -> Forest {
        let mut forest = Forest::default();
        for (number, plan) in plans.into_iter().enumerate() {
            forest.steps = forest.steps.saturating_add(plan.steps);
            forest.add(number, plan.root);
        }
        forest.root.sort();
        forest
    }

    /// Hands every item that an expression yields for `on` to `sink`, with the expression's number.
    /// Items of one expression come in the order of the document.
    ///
    /// # Errors
    /// As [`Plan::each`]; the limit of steps is the sum of those of the expressions.
    pub fn each<'a>(
        &'a self,
        env: &Env<'a>,
        on: Element<'a>,
        sink: &mut dyn FnMut(usize, Item<'a>),
    ) -> Result<(), EvalError> {
        env.begin(self.steps);
        let item = Item::Element(on);
        let _ = self.root.visit(env, &item, sink);
        for (number, op) in &self.apart {
            let _ = walk(op, env, Frame::of(&item), &mut |item| {
                sink(*number, item);
                Continue(())
            });
        }
        env.result()
    }

    fn add(&mut self, number: usize, op: Op) {
        match op {
            Op::Union(left, right) => {
                self.add(number, *left);
                self.add(number, *right);
            }
            op if is_chain(&op) => self.root.grow(links(op), number),
            op => self.apart.push((number, op)),
        }
    }
}

impl Branch {
    /// Adds an expression that goes on with `links`, the next one last.
    fn grow(&mut self, mut links: Vec<Link>, number: usize) {
        match links.pop() {
            None => self.yields.push(number),
            Some(Link::Test(op)) => self.tests.push((op, Branch::of(links, number))),
            Some(Link::Cast(ty)) => self.casts.push((ty, Branch::of(links, number))),
            Some(Link::Step(step)) if step.open => {
                self.open.push((step, Branch::of(links, number)));
            }
            Some(Link::Step(step)) => {
                for case in &step.cases {
                    for key in &case.keys {
                        self.follow_on(case.holder, key, &links, number);
                    }
                }
            }
        }
    }

    fn follow_on(
        &mut self,
        holder: TypeId,
        key: &'static spec::Element,
        links: &[Link],
        number: usize,
    ) {
        let same = |edge: &Edge| edge.holder == holder && edge.key.name == key.name;
        if !self.edges.iter().any(same) {
            self.edges.push(Edge { holder, key, branch: Branch::default() });
            self.primitive |= key.ty.primitive().is_some();
        }
        for edge in self.edges.iter_mut().filter(|edge| same(edge)) {
            edge.branch.grow(links.to_vec(), number);
        }
    }

    fn of(links: Vec<Link>, number: usize) -> Branch {
        let mut branch = Branch::default();
        branch.grow(links, number);
        branch
    }

    fn sort(&mut self) {
        self.edges.sort_by(|a, b| order(a.key.name).cmp(&order(b.key.name)));
        let filtered = self.tests.iter_mut().map(|(_, branch)| branch);
        let cast = self.casts.iter_mut().map(|(_, branch)| branch);
        let open = self.open.iter_mut().map(|(_, branch)| branch);
        let further = self.edges.iter_mut().map(|edge| &mut edge.branch);
        filtered.chain(cast).chain(open).chain(further).for_each(Branch::sort);
    }

    fn visit<'a>(&'a self, env: &Env<'a>, item: &Item<'a>, sink: Sink<'_, 'a>) -> Flow {
        for number in &self.yields {
            sink(*number, item.clone());
        }
        for (test, branch) in &self.tests {
            if truth(test, env, Frame::of(item)) == Some(true) {
                branch.visit(env, item, sink)?;
            }
            env.sound()?;
        }
        for (ty, branch) in &self.casts {
            if fits(item, *ty) {
                branch.visit(env, item, sink)?;
            }
        }
        for (step, branch) in &self.open {
            children(step, env, item, &mut |item| branch.visit(env, &item, sink))?;
        }
        match item {
            Item::Element(element) if !self.edges.is_empty() => self.members(env, element, sink),
            _ => Continue(()),
        }
    }

    /// Follows the edges, member by member.
    fn members<'a>(&'a self, env: &Env<'a>, on: &Element<'a>, sink: Sink<'_, 'a>) -> Flow {
        let Some(body) = on.body() else { return Continue(()) };
        let siblings = self.primitive && body.members().any(|(name, _)| name.starts_with('_'));
        for (name, value) in body.members() {
            if let Some(plain) = name.strip_prefix('_') {
                // The value's own member, where there is one, has met this sibling.
                if body.get(plain).is_none() {
                    self.follow(plain, None, (env, on.ty, body), sink)?;
                }
            } else {
                let value = (!siblings).then_some(value);
                self.follow(&name, value, (env, on.ty, body), sink)?;
            }
        }
        Continue(())
    }

    /// Follows the edge of this name, if there is one. Without a `value` the member and its
    /// sibling are looked for.
    fn follow<'a>(
        &'a self,
        name: &str,
        value: Option<Value<'a>>,
        (env, holder, body): (&Env<'a>, TypeId, Value<'a>),
        sink: Sink<'_, 'a>,
    ) -> Flow {
        let from = self.edges.partition_point(|edge| order(edge.key.name) < order(name));
        let edges = self.edges.get(from..).unwrap_or_default().iter();
        for edge in edges.take_while(|edge| edge.key.name == name) {
            if edge.holder == holder {
                child(body, value, edge.key, env, &mut |item| edge.branch.visit(env, &item, sink))?;
            }
        }
        Continue(())
    }
}

/// A part of a chain.
#[derive(Clone)]
enum Link {
    Step(Step),
    Test(Op),
    Cast(Type),
}

/// Whether `op` is made of steps and filters alone, from its input on.
fn is_chain(op: &Op) -> bool {
    match op {
        Op::Input => true,
        Op::Step(on, _) | Op::Where(on, _) | Op::OfType(on, _) => is_chain(on),
        _ => false,
    }
}

/// The links of a chain, the last first.
fn links(mut op: Op) -> Vec<Link> {
    let mut links = Vec::new();
    loop {
        let (on, link) = match op {
            Op::Step(on, step) => (on, Link::Step(step)),
            Op::Where(on, test) => (on, Link::Test(*test)),
            Op::OfType(on, ty) => (on, Link::Cast(ty)),
            _ => return links,
        };
        links.push(link);
        op = *on;
    }
}

/// Short names first: most names differ in length already.
fn order(name: &str) -> (usize, &str) {
    (name.len(), name)
}
