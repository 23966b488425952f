//! Changes to good inputs.

use accord_base::SeededRng;

/// Longest input.
const MOST_BYTES: usize = 64 << 10;

/// Makes inputs of one kind.
pub struct Mutator<'a> {
    pub rng: &'a SeededRng,
    pub corpus: &'a [Vec<u8>],
    pub words: &'a [&'a str],
}

impl Mutator<'_> {
    /// A good input with a few changes.
    pub fn input(&self) -> Vec<u8> {
        let mut input = self.pick().clone();
        for _ in 0..=self.below(6) {
            self.change(&mut input);
        }
        input.truncate(MOST_BYTES);
        input
    }

    fn below(&self, bound: usize) -> usize {
        self.rng.below(bound.max(1) as u64) as usize
    }

    fn pick(&self) -> &Vec<u8> {
        &self.corpus[self.below(self.corpus.len())]
    }

    fn change(&self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        let end = (at + 1 + self.below(24)).min(input.len());
        match self.below(11) {
            0 => self.flip(input, at),
            1 => drop(input.drain(at.min(end)..end)),
            2 => {
                let again = input[at.min(end)..end].to_vec();
                insert(input, at, &again);
            }
            3..=5 if !self.words.is_empty() => {
                insert(input, at, self.words[self.below(self.words.len())].as_bytes());
            }
            6 => {
                let other = self.pick();
                let from = self.below(other.len() + 1);
                let to = (from + self.below(200)).min(other.len());
                insert(input, at, &other[from..to]);
            }
            7 => input.truncate(at),
            8 => {
                // Depth, or length.
                let piece = input[at.min(end)..end].to_vec();
                insert(input, at, &piece.repeat(1 + self.below(300)));
            }
            9 => insert(input, at, &[self.below(256) as u8]),
            _ => self.number(input, at),
        }
    }

    fn flip(&self, input: &mut [u8], at: usize) {
        if let Some(byte) = input.get_mut(at) {
            *byte ^= 1 << self.below(8);
        }
    }

    /// A number where one stands, or anywhere: those at the edges of types.
    fn number(&self, input: &mut Vec<u8>, at: usize) {
        const NUMBERS: [&str; 9] = [
            "0",
            "-1",
            "1e999",
            "0.1e-400",
            "4294967296",
            "9223372036854775808",
            "18446744073709551616",
            "99999999999999999999999999999999999999999",
            "00",
        ];
        let digits = |byte: &u8| byte.is_ascii_digit();
        let from = input.iter().skip(at).position(digits).map_or(at, |found| at + found);
        let length = input.iter().skip(from).take_while(|byte| digits(byte)).count();
        input.drain(from..from + length);
        insert(input, from, NUMBERS[self.below(NUMBERS.len())].as_bytes());
    }
}

fn insert(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    if input.len() + piece.len() <= MOST_BYTES {
        input.splice(at..at, piece.iter().copied());
    }
}
