//! The kinds of flags that a board tells: what they are called, which end with an attendance, and
//! by which codes others state them.

use crate::SchemeError;
use crate::reader::{Header, Reader, tape};

/// The kinds of flags.
#[derive(Clone, Debug)]
pub struct Flags {
    /// What the table says of itself.
    pub header: Header,
    kinds: Vec<FlagKind>,
}

/// A kind of flag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FlagKind {
    /// Its code in answers.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Whether it was judged for an attendance and says nothing after it; what holds of somebody
    /// stays until a person ends it.
    pub ends_with_attendance: bool,
    /// Systems and codes by which other systems state it, as the code of a flag or its category.
    codes: Vec<(String, String)>,
}

impl Flags {
    /// Reads the kinds.
    ///
    /// # Errors
    /// The first thing that is wrong with them, and where.
    pub fn load(file: &str, text: &str) -> Result<Flags, SchemeError> {
        let tape = tape(file, text)?;
        let root = Reader::root(file, &tape);
        let header = root.header("flags", &["kinds"])?;
        let mut flags = Flags { header, kinds: Vec::new() };
        for item in root.member("kinds")?.items()? {
            let mut kind = FlagKind::load(&item)?;
            if flags.kind(&kind.id).is_some() {
                return Err(item.wrong("another kind has this id"));
            }
            for code in item.list("codes")? {
                code.only(&["system", "code", "title"])?;
                code.text_of("title")?;
                let (system, own) = (code.text_of("system")?, code.text_of("code")?);
                if kind.is(&system, &own) || flags.coded(&system, &own).is_some() {
                    return Err(code.wrong("a kind has this code already"));
                }
                kind.codes.push((system, own));
            }
            flags.kinds.push(kind);
        }
        Ok(flags)
    }

    /// Every kind, in the order of the table.
    pub fn kinds(&self) -> &[FlagKind] {
        &self.kinds
    }

    /// The kind of this id.
    pub fn kind(&self, id: &str) -> Option<&FlagKind> {
        self.kinds.iter().find(|kind| kind.id == id)
    }

    /// The kind that another system states by this code.
    pub fn coded(&self, system: &str, code: &str) -> Option<&FlagKind> {
        self.kinds.iter().find(|kind| kind.is(system, code))
    }
}

impl FlagKind {
    fn load(item: &Reader<'_>) -> Result<FlagKind, SchemeError> {
        item.only(&["id", "title", "ends-with-attendance", "codes"])?;
        let (id, title) = (item.text_of("id")?, item.text_of("title")?);
        let ends_with_attendance = item.member("ends-with-attendance")?.flag()?;
        Ok(FlagKind { id, title, ends_with_attendance, codes: Vec::new() })
    }

    fn is(&self, system: &str, code: &str) -> bool {
        self.codes.iter().any(|(of, own)| of == system && own == code)
    }
}
