//! Instants as clocks on the wall show them.

use accord_base::LogTime;
use accord_fhir::Zone;

/// An instant to the minute, as `2026-11-22 10:05`. Where clocks are put back, the second time that
/// they show it says so.
pub(crate) fn minute(at: LogTime, zone: &dyn Zone) -> String {
    let at_us = i64::try_from(at.0).unwrap_or(i64::MAX);
    let local_us = zone.local(at_us);
    let shown = LogTime(u64::try_from(local_us).unwrap_or_default()).to_string();
    let shown = shown.get(..16).unwrap_or(&shown).replace('T', " ");
    let again = if zone.instant(local_us) == at_us { "" } else { " (the second time)" };
    shown + again
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clocks an hour ahead, put back to UTC at ten o'clock UTC.
    #[derive(Debug)]
    struct PutBack;

    const HOUR_US: i64 = 3_600_000_000;
    const TEN_US: i64 = 10 * HOUR_US;

    impl Zone for PutBack {
        fn instant(&self, local_us: i64) -> i64 {
            if local_us < TEN_US + HOUR_US { local_us - HOUR_US } else { local_us }
        }

        fn local(&self, instant_us: i64) -> i64 {
            if instant_us < TEN_US { instant_us + HOUR_US } else { instant_us }
        }

        fn name(&self) -> &'static str {
            "put back"
        }
    }

    #[test]
    fn no_two_instants_are_told_alike() {
        let told = |hours: f64| minute(LogTime((hours * HOUR_US as f64) as u64), &PutBack);
        assert_eq!(told(9.5), "1970-01-01 10:30");
        assert_eq!(told(10.5), "1970-01-01 10:30 (the second time)");
        assert_eq!(told(11.0), "1970-01-01 11:00");
        assert_eq!(minute(LogTime(0), &accord_fhir::Utc), "1970-01-01 00:00");
    }
}
