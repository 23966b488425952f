//! Air or oxygen: from the device, the flow and the share of oxygen that were recorded.

use accord_fhir::Decimal;

use super::evaluate::Taken;
use crate::bands::Bands;
use crate::reader::Reader;
use crate::{SchemeError, Value};

/// Share of oxygen in room air, in per cent.
const ROOM_AIR: u128 = 21;

/// Scores of oxygen.
#[derive(Clone, Debug)]
pub(super) struct Support {
    air: u32,
    /// One score for any oxygen.
    oxygen: Option<u32>,
    /// Scores of devices, whatever they deliver.
    devices: Vec<(String, u32)>,
    inspired: Option<Bands>,
    flow: Option<Bands>,
}

/// Whether oxygen is given; `None` if nothing says. What speaks for oxygen counts more than what
/// speaks for air.
pub(super) fn on_oxygen(taken: &Taken<'_>) -> Option<bool> {
    let device = match taken.value("oxygen-device") {
        Some(Value::Code(code)) => Some(code != "air"),
        _ => None,
    };
    let flow = taken.number("oxygen-flow").map(|flow| flow > Decimal::of_parts(false, 0, 0));
    let air = Decimal::of_parts(false, ROOM_AIR, 0);
    let inspired = taken.number("inspired-oxygen").map(|share| share > air);
    let all = [device, flow, inspired];
    all.into_iter().flatten().reduce(|given, more| given || more)
}

impl Support {
    /// The score, the higher of device and rate; `None` if not enough is known.
    pub(super) fn score(&self, taken: &Taken<'_>) -> Option<u32> {
        if !on_oxygen(taken)? && !self.is_given_at_air(taken) {
            return Some(self.air);
        }
        let device = match taken.value("oxygen-device") {
            Some(Value::Code(code)) => self.devices.iter().find(|(own, _)| own == code),
            _ => None,
        };
        let by = |bands: &Option<Bands>, vital| {
            let value = taken.number(vital).filter(|value| value.parts().1 > 0);
            bands.as_ref().zip(value).map(|(bands, value)| bands.score(value))
        };
        let scores = [
            self.oxygen,
            device.map(|(_, score)| *score),
            by(&self.inspired, "inspired-oxygen"),
            by(&self.flow, "oxygen-flow"),
        ];
        scores.into_iter().flatten().max()
    }

    /// Whether a share of oxygen as in air counts as support, by its band: where the scheme scores
    /// shares, and nobody said that room air is breathed.
    fn is_given_at_air(&self, taken: &Taken<'_>) -> bool {
        let says_air =
            matches!(taken.value("oxygen-device"), Some(Value::Code(code)) if code == "air");
        let share = taken.number("inspired-oxygen").filter(|share| share.parts().1 > 0);
        self.inspired.is_some() && share.is_some() && !says_air
    }

    pub(super) fn most(&self) -> u32 {
        let bands = [&self.inspired, &self.flow].into_iter().flatten().map(Bands::most);
        let devices = self.devices.iter().map(|(_, score)| *score);
        bands.chain(devices).chain(self.oxygen).chain([self.air]).max().unwrap_or_default()
    }

    pub(super) fn load(item: &Reader<'_>) -> Result<Support, SchemeError> {
        item.only(&["air", "oxygen", "devices", "inspired", "flow"])?;
        let bands = |name| {
            let Some(axis) = item.optional(name) else { return Ok(None) };
            axis.only(&["step", "bands"])?;
            let step = super::load::step(&axis)?;
            Bands::load(&axis.member("bands")?, step).map(Some)
        };
        let mut devices = Vec::new();
        if let Some(list) = item.optional("devices") {
            for (device, score) in list.entries()? {
                devices.push((device, score.count()?));
            }
        }
        let oxygen = item.count_of("oxygen")?;
        let (inspired, flow) = (bands("inspired")?, bands("flow")?);
        if oxygen.is_none() && (inspired.is_none() || flow.is_none()) {
            return Err(item.wrong("either `oxygen` or both `inspired` and `flow` are needed"));
        }
        Ok(Support { air: item.member("air")?.count()?, oxygen, devices, inspired, flow })
    }

    /// The devices it names.
    pub(super) fn devices(&self) -> impl Iterator<Item = &str> {
        self.devices.iter().map(|(device, _)| &**device)
    }
}
