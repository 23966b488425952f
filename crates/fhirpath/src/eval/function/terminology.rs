//! What only a terminology can tell (FHIR R4 FHIRPath §2.9.1.1).

use super::{Calling, Outcome, truth};
use crate::compile::Function;
use crate::eval::operator::one;

pub(super) fn call<'a>(c: Calling<'_, '_, 'a>) -> Outcome<'a> {
    let terminology = c.env.terminology()?;
    let Some(item) = one(&c.call.on, c.env, c.frame)? else { return Ok(None) };
    if c.call.function == Function::MemberOf {
        let Some(set) = c.arg_text(0)? else { return Ok(None) };
        return truth(terminology.member_of(&item, &set));
    }
    let Some(arg) = c.call.args.first() else { return Ok(None) };
    let Some(other) = one(arg, c.env, c.frame)? else { return Ok(None) };
    truth(match c.call.function {
        Function::Subsumes => terminology.subsumes(&item, &other),
        _ => terminology.subsumes(&other, &item),
    })
}
