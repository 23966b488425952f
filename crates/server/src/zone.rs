//! `--zone`: where dates are meant that name no zone.

use std::sync::Arc;

use accord_engine::Zones;
use accord_fhir::Zone;
use clap::Args;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::token::organization;

/// The option of commands that write.
#[derive(Args)]
pub struct ZoneArgs {
    /// Time zone in which dates without one are meant, and sheets are printed, by its name in the
    /// IANA database; for one organisation as `ORGANIZATION=ZONE`. May be given several times; the
    /// last that fits counts. UTC otherwise.
    #[arg(long, value_name = "ZONE", value_parser = entry)]
    zone: Vec<Entry>,
}

/// A zone, of an organisation or of all.
type Entry = (Option<String>, Arc<dyn Zone>);

impl ZoneArgs {
    /// The zones that were given.
    pub fn zones(&self) -> Zones {
        Zones::new(self.zone.clone())
    }
}

/// A zone of the IANA database, which is part of this program.
#[derive(Debug)]
struct Region(TimeZone);

impl Zone for Region {
    fn local(&self, instant_us: i64) -> i64 {
        let offset = |instant: Timestamp| i64::from(self.0.to_offset(instant).seconds());
        let found = Timestamp::from_microsecond(instant_us).map(offset);
        instant_us.saturating_add(found.unwrap_or_default() * 1_000_000)
    }

    fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    fn instant(&self, local_us: i64) -> i64 {
        let shown = || {
            let since = SignedDuration::from_micros(local_us);
            let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
            // Of two instants the first; in a gap, as long after its start as was said.
            self.0.to_timestamp(epoch.checked_add(since).ok()?).ok()
        };
        // What lies before or after all calendars does so everywhere.
        shown().map_or(local_us, Timestamp::as_microsecond)
    }
}

/// Reads `[ORGANIZATION=]ZONE`.
fn entry(text: &str) -> Result<Entry, String> {
    let (of, name) = match text.split_once('=') {
        Some((of, name)) => (Some(of), name),
        None => (None, text),
    };
    let of =
        of.map(|id| organization(id).map_err(|_| format!("`{id}` is no id of an organisation")));
    let zone = TimeZone::get(name).ok().filter(|zone| !zone.is_unknown());
    let zone = zone.ok_or_else(|| format!("`{name}` is no zone of the IANA time zone database"))?;
    Ok((of.transpose()?.map(|id| id.to_string()), Arc::new(Region(zone))))
}

#[cfg(test)]
mod tests {
    use accord_fhir::DateRange;

    use super::*;

    #[test]
    fn clocks_are_read() {
        let args = ZoneArgs { zone: vec![entry("Europe/London").unwrap()] };
        let zones = args.zones();
        let zone = zones.at("any");
        let us = |text: &str| DateRange::parse(text).unwrap().low;
        assert_eq!(zone.name(), "Europe/London");
        assert_eq!(zone.local(us("2026-07-10T10:05:00Z")), us("2026-07-10T11:05:00Z"));
        assert_eq!(zone.local(us("2026-11-22T10:05:00Z")), us("2026-11-22T10:05:00Z"));
        // Clocks go back: both read half past one, and only the first is what half past one means.
        let twice = [us("2026-10-25T00:30:00Z"), us("2026-10-25T01:30:00Z")];
        assert_eq!(twice.map(|at| zone.local(at)), [us("2026-10-25T01:30:00Z"); 2]);
        assert_eq!(zone.instant(zone.local(twice[0])), twice[0]);
    }

    #[test]
    fn zones_are_read() {
        let args = ZoneArgs {
            zone: vec![entry("Europe/Berlin").unwrap(), entry("north=Asia/Tokyo").unwrap()],
        };
        let zones = args.zones();
        let start = |of: &str, date: &str| DateRange::parse_in(date, zones.at(of)).unwrap().low;
        let instant = |text: &str| DateRange::parse(text).unwrap().low;
        // Winter and summer.
        assert_eq!(start("south", "2026-01-10"), instant("2026-01-09T23:00:00Z"));
        assert_eq!(start("south", "2026-07-10"), instant("2026-07-09T22:00:00Z"));
        assert_eq!(start("north", "2026-07-10"), instant("2026-07-09T15:00:00Z"));
        // The day on which clocks go back has 25 hours.
        let day = DateRange::parse_in("2026-10-25", zones.at("south")).unwrap();
        assert_eq!(day.high - day.low, 25 * 3_600_000_000);
        for wrong in ["", "Mars/Olympus", "Etc/Unknown", "no/rth/=UTC", "north="] {
            assert!(entry(wrong).is_err(), "{wrong}");
        }
    }
}
