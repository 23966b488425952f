//! `accord serve --default-policy`: what holds where no consent of the patient speaks.

use accord_access::consent::{ACT_REASON, DefaultEntry, Defaults, Policy, PurposeTest};

use crate::token::organization;

/// Reads `[ORGANIZATION][:PURPOSE]=POLICY`, or `POLICY` for every organisation and purpose. A policy
/// is one of the four of IHE PCF 1.1, by its canonical URI or by what follows `Policy-` in it; a
/// purpose is a code of v3-ActReason and stands for those below it too.
pub fn entry(text: &str) -> Result<DefaultEntry, String> {
    let (place, policy) = text.rsplit_once('=').unwrap_or(("", text));
    let (controller, purpose) = match place.split_once(':') {
        Some((controller, purpose)) => (controller, Some(purpose)),
        None => (place, None),
    };
    let controller = match controller {
        "" => None,
        id => Some(organization(id).map_err(|_| format!("`{id}` is no id of an organisation"))?),
    };
    let purposes = purpose.map(|code| {
        let mut test = PurposeTest::default();
        let known = test.add(ACT_REASON, code).then_some(test);
        known.ok_or_else(|| format!("`{code}` is no purpose of use of v3-ActReason"))
    });
    let fits = |(known, uri): &(Policy, &str)| {
        (*uri == policy || uri.rsplit_once("Policy-").is_some_and(|(_, name)| name == policy))
            .then_some(*known)
    };
    let known = Policy::ALL.iter().find_map(fits);
    Ok(DefaultEntry {
        controller: controller.map(|id| id.to_string()),
        purposes: purposes.transpose()?,
        policy: known.ok_or_else(|| {
            format!("`{policy}` is none of all-normal, basic-normal, break-glass-only, deny")
        })?,
    })
}

/// What holds by these entries, of which the last that fits counts; *all-normal* where none does.
pub fn defaults(entries: &[DefaultEntry]) -> Defaults {
    Defaults { entries: entries.to_vec(), ..Defaults::default() }
}

#[cfg(test)]
mod tests {
    use accord_access::consent::AskedPurpose;

    use super::*;

    #[test]
    fn entries_are_read() {
        let all = entry("deny").unwrap();
        assert_eq!((all.controller, all.purposes, all.policy), (None, None, Policy::Deny));
        let (_, uri) = Policy::ALL[0];
        let one = entry(&format!("north={uri}")).unwrap();
        assert_eq!((one.controller.as_deref(), one.policy), (Some("north"), Policy::BasicNormal));
        let planned = entry("Organization/north:HOPERAT=break-glass-only").unwrap();
        assert_eq!(planned.controller.as_deref(), Some("north"));
        assert_eq!(planned.policy, Policy::BreakGlassOnly);
        let covers = |code| {
            let asked = AskedPurpose::of(ACT_REASON, code).unwrap();
            planned.purposes.as_ref().unwrap().covers(&asked)
        };
        assert!(covers("HOPERAT") && covers("HQUALIMP") && !covers("TREAT"));
        assert_eq!(entry(":HRESCH=deny").unwrap().controller, None);
        for wrong in ["", "allow", "north=", "north:WHY=deny", "no/rth/=deny", "=x"] {
            assert!(entry(wrong).is_err(), "{wrong}");
        }
    }
}
