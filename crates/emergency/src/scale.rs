//! The scale of oxygen saturation of an assessment.

use accord_engine::Failure;

use crate::attended::Attended;
use crate::input::Input;
use crate::unfit;

/// Why a scale stands that somebody named though it was not switched.
const STATED: &str = "which scale held before was not known; this one was stated";

/// Which scale is used, and what is known of it.
pub(crate) struct Scale {
    pub(crate) used: u32,
    /// Whether it was known before this assessment which one holds.
    pub(crate) known: bool,
    /// Whether this is another one than held before.
    pub(crate) switched: bool,
    /// Whether the asker named one.
    named: bool,
    /// Why it was switched or stated.
    pub(crate) reason: Option<String>,
}

impl Scale {
    /// As before unless it is switched, with a reason.
    ///
    /// # Errors
    /// A switch without one.
    pub(crate) fn of(input: &Input, attended: &Attended<'_>) -> Result<Scale, Failure> {
        let (before, known) = attended.scale();
        let named = input.count("spo2-scale")?;
        let used = named.unwrap_or(before);
        let switched = used != before;
        let given = input.text("spo2-scale-reason")?;
        if switched && given.is_none() && !input.flag("preview")? {
            let text = "to switch the scale of oxygen saturation needs a `spo2-scale-reason`";
            return Err(unfit(text));
        }
        let stated = named.is_some() && !known;
        let reason = given.or_else(|| Some(STATED.to_owned())).filter(|_| switched || stated);
        Ok(Scale { used, known, switched, named: named.is_some(), reason })
    }

    /// Whether it is used because nobody knows which one holds.
    pub(crate) fn is_assumed(&self) -> bool {
        !self.known && !self.named
    }
}
