//! Places near a point: a box by the columns of latitude and longitude, then the distance.

use accord_fhir::Decimal;
use accord_query::NearValue;

use crate::error::IndexError;
use crate::key::{self, Slot, tag};
use crate::part::Part;
use crate::range::RangeTest;
use crate::set::RowSet;
use crate::view::View;

use super::evaluate::{candidates, rows_of};
use super::ranges::numbers;
use super::sources::range;
use super::{Clause, Finder, Plan};

/// Mean radius of the earth in metres (R₁ of the International Union of Geodesy and Geophysics,
/// H. Moritz, "Geodetic Reference System 1980", Journal of Geodesy 74, 2000).
const RADIUS_M: f64 = 6_371_008.8;
/// Degrees by which boxes are larger than they must be, for rounding.
const MARGIN: f64 = 1e-6;

/// Rows with a position within a distance of one of several points.
pub(super) struct Near {
    pub param: Slot,
    pub any_of: Vec<NearValue>,
}

impl Near {
    /// The slot of latitudes (0) or longitudes (1). A place has one position.
    fn slot(&self, component: u8) -> Slot {
        self.param.component(component, 0)
    }

    fn plan(&self, near: &NearValue) -> Plan {
        let bounds = Bounds::around(near);
        let between = |component: u8, (low, high): (f64, f64)| {
            let test = RangeTest::between(key_of(low), key_of(high));
            range(self.slot(component), tag::NUMBER, test.into())
        };
        let longitudes = bounds.longitudes.iter().map(|span| between(1, *span)).collect();
        let clause = |sources| Clause { sources, negated: false };
        Plan::of(vec![clause(vec![between(0, bounds.latitudes)]), clause(longitudes)])
    }
}

impl Finder for Near {
    fn most(&self, part: &Part) -> Result<u64, IndexError> {
        Ok(rows_of(part, &key::item(self.param, 0).into())?.len())
    }

    fn rows(&self, view: &View, part: &Part) -> Result<RowSet, IndexError> {
        let mut sets = Vec::new();
        for near in &self.any_of {
            view.check_deadline()?;
            let rows = candidates(view, part, &self.plan(near))?.to_vec();
            let column = |component| key::front(self.slot(component), tag::NUMBER);
            let latitudes = numbers(part, &column(0), &rows)?;
            let longitudes = numbers(part, &column(1), &rows)?;
            let places = latitudes.into_iter().zip(longitudes);
            let within = rows.into_iter().zip(places).filter_map(|(row, place)| {
                let (latitude, longitude) = (number_of(place.0?), number_of(place.1?));
                (distance((near.latitude, near.longitude), (latitude, longitude)) <= near.metres)
                    .then_some(row)
            });
            sets.push(RowSet::collect(within.collect()));
        }
        Ok(RowSet::union(sets))
    }
}

/// The great-circle distance in metres of two points in degrees, on a sphere, by the haversine
/// formula (R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68, 1984).
fn distance(from: (f64, f64), to: (f64, f64)) -> f64 {
    let (from_lat, to_lat) = (from.0.to_radians(), to.0.to_radians());
    let half = |a: f64, b: f64| ((b - a) / 2.0).sin().powi(2);
    let turn = half(from.1.to_radians(), to.1.to_radians());
    let square = half(from_lat, to_lat) + from_lat.cos() * to_lat.cos() * turn;
    2.0 * RADIUS_M * square.clamp(0.0, 1.0).sqrt().asin()
}

/// Spans of degrees, low and high.
struct Bounds {
    latitudes: (f64, f64),
    /// Two where the span goes over the 180th meridian.
    longitudes: Vec<(f64, f64)>,
}

impl Bounds {
    /// What holds every point within the distance: latitudes within its angle; longitudes within
    /// the arcsine of sin(angle) / cos(latitude), or all where a pole is near (spherical law of
    /// sines, where the circle touches a meridian).
    fn around(near: &NearValue) -> Bounds {
        let angle = near.metres / RADIUS_M;
        let degrees = angle.to_degrees();
        let (low, high) = (near.latitude - degrees - MARGIN, near.latitude + degrees + MARGIN);
        let latitudes = (low.max(-90.0 - MARGIN), high.min(90.0 + MARGIN));
        let all = vec![(-180.0 - MARGIN, 180.0 + MARGIN)];
        if low <= -90.0 || high >= 90.0 {
            return Bounds { latitudes, longitudes: all };
        }
        let turn = (angle.sin() / near.latitude.to_radians().cos()).min(1.0).asin().to_degrees();
        let (west, east) = (near.longitude - turn - MARGIN, near.longitude + turn + MARGIN);
        let longitudes = match (west < -180.0, east > 180.0) {
            (true, true) => all,
            (true, false) => vec![(west + 360.0, 180.0 + MARGIN), (-180.0 - MARGIN, east)],
            (false, true) => vec![(west, 180.0 + MARGIN), (-180.0 - MARGIN, east - 360.0)],
            (false, false) => vec![(west, east)],
        };
        Bounds { latitudes, longitudes }
    }
}

fn key_of(degrees: f64) -> u128 {
    Decimal::parse(&format!("{degrees:.9}")).map_or(0, Decimal::order_key)
}

fn number_of(key: u128) -> f64 {
    let (negative, coefficient, exponent) = Decimal::from_order_key(key).parts();
    let sign = if negative { "-" } else { "" };
    format!("{sign}{coefficient}e{exponent}").parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn near(latitude: f64, longitude: f64, metres: f64) -> NearValue {
        NearValue { latitude, longitude, metres, text: String::new() }
    }

    #[test]
    fn distances_are_those_of_the_sphere() {
        let quarter = RADIUS_M * std::f64::consts::FRAC_PI_2;
        for (from, to, expect) in [
            ((0.0, 0.0), (0.0, 0.0), 0.0),
            ((0.0, 0.0), (90.0, 17.0), quarter),
            ((0.0, 179.0), (0.0, -91.0), quarter),
            ((0.0, 0.0), (0.0, 180.0), 2.0 * quarter),
            // Boston to London, by any table of great circles about 5,265 km.
            ((42.3601, -71.0589), (51.5074, -0.1278), 5_265_000.0),
        ] {
            let found = distance(from, to);
            assert!((found - expect).abs() <= expect / 500.0, "{from:?} {to:?}: {found}");
        }
    }

    proptest! {
        #[test]
        fn nothing_near_lies_outside_the_box(
            from in (-90.0..90.0_f64, -180.0..180.0_f64),
            to in (-90.0..90.0_f64, -180.0..180.0_f64),
            share in 1.0..1.2_f64,
        ) {
            let metres = distance(from, to) * share;
            let bounds = Bounds::around(&near(from.0, from.1, metres));
            let within = |(low, high): (f64, f64), at: f64| low <= at && at < high;
            prop_assert!(within(bounds.latitudes, to.0));
            prop_assert!(bounds.longitudes.iter().any(|span| within(*span, to.1)));
        }

        #[test]
        fn small_circles_have_small_boxes(from in (-80.0..80.0_f64, -180.0..180.0_f64)) {
            let bounds = Bounds::around(&near(from.0, from.1, 1000.0));
            let wide: f64 = bounds.longitudes.iter().map(|(low, high)| high - low).sum();
            prop_assert!(bounds.latitudes.1 - bounds.latitudes.0 < 0.02);
            prop_assert!(wide < 0.12);
        }
    }
}
