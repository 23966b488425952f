//! Where the check stands, as a list of steps on the stack.

use std::fmt::{self, Write as _};

/// The most characters shown of a name that the resource made up.
const SHOWN: usize = 64;

/// A FHIRPath under construction; it becomes text only when a fault is told.
#[derive(Clone, Copy)]
pub(crate) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
    /// Number of steps above.
    pub depth: u16,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Name(&'p str),
    Item(usize),
}

impl<'p> Path<'p> {
    /// The path of an outermost resource of this type.
    pub fn root(name: &'p str) -> Path<'p> {
        Path { parent: None, step: Step::Name(name), depth: 0 }
    }

    /// The path of an element below this one.
    pub fn name(&'p self, name: &'p str) -> Path<'p> {
        Path { parent: Some(self), step: Step::Name(name), depth: self.depth.saturating_add(1) }
    }

    /// The path of a repetition of this element.
    pub fn item(&'p self, at: usize) -> Path<'p> {
        Path { parent: Some(self), step: Step::Item(at), depth: self.depth }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut steps: Vec<&Path<'_>> =
            std::iter::successors(Some(self), |path| path.parent).collect();
        steps.reverse();
        for (at, path) in steps.iter().enumerate() {
            match path.step {
                Step::Item(item) => write!(f, "[{item}]")?,
                Step::Name(name) => {
                    if at > 0 {
                        f.write_char('.')?;
                    }
                    write_name(f, name)?;
                }
            }
        }
        Ok(())
    }
}

/// A name as a FHIRPath identifier, delimited if it has other characters than plain ones.
fn write_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if plain && !name.is_empty() && name.len() <= SHOWN {
        return f.write_str(name);
    }
    write!(f, "`{}`", shown(name))
}

/// A made-up name, cut and without characters that would end its delimiters.
pub(crate) fn shown(name: &str) -> String {
    name.chars().take(SHOWN).map(|c| if c == '`' || c.is_control() { '?' } else { c }).collect()
}
