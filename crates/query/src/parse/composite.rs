//! Values of composite parameters (FHIR R4 search, "Composite Search Parameters").

use accord_spec::{SearchParam, param_by_id};

use super::Reader;
use super::clause::Asked;
use super::fault::{Fault, cut};
use crate::escape::split;
use crate::query::Test;

impl Reader<'_> {
    /// `value$value`, one for each component.
    pub(super) fn composite(
        &mut self,
        param: &'static SearchParam,
        parts: &[&str],
    ) -> Result<Test, Fault> {
        let any_of = parts.iter().map(|part| self.joined(param, part));
        Ok(Test::Composite(any_of.collect::<Result<_, _>>()?))
    }

    fn joined(&mut self, param: &'static SearchParam, part: &str) -> Result<Vec<Test>, Fault> {
        let (pieces, wanted) = (split(part, '$'), param.components.len());
        if pieces.len() != wanted {
            let text = format!("`{}` is not {wanted} values joined by `$`", cut(part));
            return Err(Fault::value(text));
        }
        let pairs = pieces.into_iter().zip(param.components);
        let tests = pairs.map(|(piece, component)| {
            let no = || Fault::unsupported(format!("parameter `{}` is not supported", param.code));
            let asked =
                Asked { param: param_by_id(component.param).ok_or_else(no)?, modifier: None };
            self.test(&asked, piece)
        });
        tests.collect()
    }
}
