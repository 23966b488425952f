//! Units of the data, as a table: what they measure, and one of them in the unit of that.

use std::cmp::Ordering;

/// A number `mantissa × 10^power`.
#[derive(Clone, Copy)]
pub struct Scaled {
    pub mantissa: i128,
    pub power: i32,
}

impl Scaled {
    /// Without zeros at its end, from whole 10⁻²⁴.
    pub fn of_decimal(number: i128) -> Scaled {
        let mut scaled = Scaled { mantissa: number, power: -24 };
        while scaled.mantissa != 0 && scaled.mantissa % 10 == 0 {
            scaled = Scaled { mantissa: scaled.mantissa / 10, power: scaled.power + 1 };
        }
        scaled
    }

    pub fn times(self, (mantissa, power): (i128, i32)) -> Scaled {
        Scaled { mantissa: self.mantissa * mantissa, power: self.power + power }
    }

    pub fn compare(self, other: Scaled) -> Ordering {
        if self.power < other.power {
            return other.compare(self).reverse();
        }
        let factor = 10_i128.checked_pow((self.power - other.power) as u32);
        match factor.and_then(|factor| self.mantissa.checked_mul(factor)) {
            Some(aligned) => aligned.cmp(&other.mantissa),
            // So much larger that only its sign counts.
            None => self.mantissa.cmp(&0),
        }
    }
}

/// What a code measures and its factor, `mantissa × 10^power`. A mole is a number.
pub fn unit(code: &str) -> Option<(&'static str, (i128, i32))> {
    Some(match code {
        "mg/dL" => ("mass in volume", (1, -2)),
        "g/dL" => ("mass in volume", (1, 1)),
        "g/L" => ("mass in volume", (1, 0)),
        "mg/L" => ("mass in volume", (1, -3)),
        "ng/mL" => ("mass in volume", (1, -6)),
        "pg/mL" => ("mass in volume", (1, -9)),
        "mmol/L" => ("number in volume", (60_221_367, 13)),
        "mol/L" => ("number in volume", (60_221_367, 16)),
        "10*3/uL" => ("number in volume", (1, 9)),
        "10*6/uL" => ("number in volume", (1, 12)),
        "10*9/L" => ("number in volume", (1, 9)),
        "1" | "{score}" | "{T-score}" | "{count}" => ("number", (1, 0)),
        "%" => ("number", (1, -2)),
        "mg/g" => ("number", (1, -3)),
        "10*9/1" => ("number", (1, 9)),
        "mmol/1" => ("number", (60_221_367, 13)),
        "mol/1" => ("number", (60_221_367, 16)),
        "m" | "m1" => ("length", (1, 0)),
        "cm" => ("length", (1, -2)),
        "mm" => ("length", (1, -3)),
        "kg" => ("mass", (1, 3)),
        "g" | "g/1" => ("mass", (1, 0)),
        "mg" | "mg/1" => ("mass", (1, -3)),
        "pg" => ("mass", (1, -12)),
        "U/L" => ("activity", (1, 0)),
        "kU/L" => ("activity", (1, 3)),
        "mL/min" | "mL/min/{1.73_m2}" => ("flow", (1, 0)),
        _ => return None,
    })
}

/// Units to ask in instead, and how many digits the point moves to the right.
pub const OTHERS: [(&str, &str, i32); 9] = [
    ("mg/dL", "g/L", -2),
    ("mg/dL", "mg/L", 1),
    ("g/dL", "g/L", 1),
    ("mmol/L", "mol/L", -3),
    ("10*3/uL", "10*9/L", 0),
    ("cm", "mm", 1),
    ("cm", "m", -2),
    ("kg", "g", 3),
    ("mL/min/{1.73_m2}", "mL/min", 0),
];

/// The number with its point moved to the right; digits it does not have are zeros.
pub fn shifted(number: &str, places: i32) -> String {
    let (sign, number) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut digits = format!("{whole}{fraction}");
    let mut point = whole.len() as i32 + places;
    while point < 1 {
        digits.insert(0, '0');
        point += 1;
    }
    while digits.len() < point as usize {
        digits.push('0');
    }
    let (whole, fraction) = digits.split_at(point as usize);
    let whole = format!("{:0>1}", whole.trim_start_matches('0'));
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}
