//! All schemes: those that come along, and those of a site.

use std::sync::LazyLock;

use crate::reader::{Header, Reader, tape};
use crate::{
    Acuity, AttendanceCodes, Flags, SchemeError, ScoreScheme, Targets, TriageScheme, Vitals,
};

/// Schemes by their ids.
#[derive(Clone, Debug)]
pub struct Library {
    vitals: Vitals,
    targets: Targets,
    flags: Flags,
    acuity: Vec<AcuityCode>,
    acuity_system: String,
    attendance: AttendanceCodes,
    scores: Vec<ScoreScheme>,
    triage: Vec<TriageScheme>,
    /// Kinds and ids of the schemes of a site.
    own: Vec<(String, String)>,
    /// Whether schemes may be used whose numbers still have to be confirmed.
    demo: bool,
}

/// What a data set calls an acuity.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AcuityCode {
    /// The acuity.
    pub acuity: Acuity,
    /// What people call it.
    pub title: String,
    /// Its code.
    pub code: String,
}

impl Library {
    /// The schemes that come along.
    ///
    /// # Errors
    /// If one of them does not load.
    pub fn built_in() -> Result<&'static Library, &'static SchemeError> {
        static LIBRARY: LazyLock<Result<Library, SchemeError>> = LazyLock::new(Library::load);
        LIBRARY.as_ref()
    }

    fn load() -> Result<Library, SchemeError> {
        let vitals = Vitals::load("vitals.json", include_str!("../data/vitals.json"))?;
        let targets = Targets::load("targets.json", include_str!("../data/targets.json"))?;
        let flags = Flags::load("flags.json", include_str!("../data/flags.json"))?;
        let (acuity_system, acuity) = codes("acuity.json", include_str!("../data/acuity.json"))?;
        let attendance = include_str!("../data/attendance.json");
        let attendance = AttendanceCodes::load("attendance.json", attendance)?;
        let (scores, triage, own) = (Vec::new(), Vec::new(), Vec::new());
        let demo = false;
        let mut library = Library {
            vitals,
            targets,
            flags,
            acuity,
            acuity_system,
            attendance,
            scores,
            triage,
            own,
            demo,
        };
        for (file, text) in [
            ("news2.json", include_str!("../data/news2.json")),
            ("pews.json", include_str!("../data/pews.json")),
            ("ats.json", include_str!("../data/ats.json")),
            ("five-level.json", include_str!("../data/five-level.json")),
            ("five-level-2023.json", include_str!("../data/five-level-2023.json")),
        ] {
            library = library.with(file, text)?;
        }
        Ok(library)
    }

    /// The library with one more scheme: a score or a triage scheme. One with an id that is known
    /// takes the place of the other, and clocks take that of the clocks; what a site loads goes
    /// through [`Library::with_own`].
    ///
    /// # Errors
    /// If the file is no scheme, and where.
    pub fn with(mut self, file: &str, text: &str) -> Result<Library, SchemeError> {
        let tape = tape(file, text)?;
        let root = Reader::root(file, &tape);
        match root.text_of("kind")?.as_str() {
            "score" => {
                let scheme = ScoreScheme::load(file, text, &self.vitals)?;
                self.scores.retain(|other| other.header.id != scheme.header.id);
                self.scores.push(scheme);
            }
            "triage" => {
                let scheme = TriageScheme::load(file, text)?;
                self.triage.retain(|other| other.header.id != scheme.header.id);
                self.triage.push(scheme);
            }
            "targets" => self.targets = Targets::load(file, text)?,
            _ => return Err(root.wrong("`kind` is `score`, `triage` or `targets`")),
        }
        Ok(self)
    }

    /// The library with one more scheme of a site, as a server loads it: an id stands in one of its
    /// files alone and is none of those that come along, and numbers that are still to be confirmed are for demonstrations.
    ///
    /// # Errors
    /// If the file is no scheme, or not one to be used here, and where.
    pub fn with_own(mut self, file: &str, text: &str) -> Result<Library, SchemeError> {
        let tape = tape(file, text)?;
        let root = Reader::root(file, &tape);
        let confirm = root.member("confirm")?;
        if confirm.flag()? && !self.demo {
            let text = "what is still to be confirmed is used in demonstrations alone";
            return Err(confirm.wrong(text));
        }
        let own = (root.text_of("kind")?, root.text_of("id")?);
        if own.0 == "targets" && self.own.iter().any(|(kind, _)| *kind == own.0) {
            return Err(root.member("kind")?.wrong("another file of the site has its clocks"));
        }
        if self.own.contains(&own) {
            return Err(root.member("id")?.wrong("another file of the site has this id"));
        }
        // Who reads "pews" must not get a table that only is called so.
        let known = self.scores.iter().map(|scheme| &scheme.header.id);
        let mut known = known.chain(self.triage.iter().map(|scheme| &scheme.header.id));
        if known.any(|id| *id == own.1) || own.1 == self.targets.header.id {
            let text =
                "a scheme that comes along has this id: give it another one, as `our-triage`";
            return Err(root.member("id")?.wrong(text));
        }
        if own.0 == "targets" {
            self.targets.allow(&Targets::load(file, text)?, &root)?;
        }
        self.own.push(own);
        self.with(file, text)
    }

    /// Whether the scheme of this id is one of the site's own.
    pub fn is_own(&self, id: &str) -> bool {
        self.own.iter().any(|(_, own)| own == id)
    }

    /// The library of a demonstration, which may use what is still to be confirmed.
    #[must_use]
    pub fn for_demonstration(mut self) -> Library {
        self.demo = true;
        self
    }

    /// The vital signs.
    pub fn vitals(&self) -> &Vitals {
        &self.vitals
    }

    /// The clocks.
    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    /// The kinds of flags.
    pub fn flags(&self) -> &Flags {
        &self.flags
    }

    /// The system and codes of acuities in the emergency care data set, 1 first.
    pub fn acuity_codes(&self) -> (&str, &[AcuityCode]) {
        (&self.acuity_system, &self.acuity)
    }

    /// Codes for how attendances begin and end in the emergency care data set.
    pub fn attendance_codes(&self) -> &AttendanceCodes {
        &self.attendance
    }

    /// The score scheme of this id, if it may be used here.
    pub fn score(&self, id: &str) -> Option<&ScoreScheme> {
        self.scores.iter().find(|scheme| scheme.header.id == id && self.open(&scheme.header))
    }

    /// The triage scheme of this id, if it may be used here.
    pub fn triage(&self, id: &str) -> Option<&TriageScheme> {
        self.triage.iter().find(|scheme| scheme.header.id == id && self.open(&scheme.header))
    }

    /// The score for an age where nobody names one: the adults' one from the age it is for, else
    /// the children's.
    pub fn score_for(&self, age_months: u32) -> Option<&ScoreScheme> {
        let for_age = |id: &&str| self.score(id).is_some_and(|scheme| scheme.is_for(age_months));
        ["news2", "pews"].into_iter().find(for_age).and_then(|id| self.score(id))
    }

    /// What every scheme that may be used here says of itself.
    pub fn headers(&self) -> impl Iterator<Item = &Header> {
        let scores = self.scores.iter().map(|scheme| &scheme.header);
        let triage = self.triage.iter().map(|scheme| &scheme.header);
        scores.chain(triage).filter(|header| self.open(header))
    }

    fn open(&self, header: &Header) -> bool {
        self.demo || !header.confirm
    }
}

/// The system and codes of acuities.
fn codes(file: &str, text: &str) -> Result<(String, Vec<AcuityCode>), SchemeError> {
    let tape = tape(file, text)?;
    let root = Reader::root(file, &tape);
    root.header("acuity", &["system", "codes"])?;
    let mut codes = Vec::new();
    for (item, next) in root.member("codes")?.items()?.iter().zip(1u32..) {
        item.only(&["acuity", "title", "code"])?;
        let number = item.member("acuity")?;
        let acuity = Acuity::new(number.count()?).filter(|_| number.count() == Ok(next));
        let acuity = acuity.ok_or_else(|| number.wrong(format!("acuity {next} is next")))?;
        let (title, code) = (item.text_of("title")?, item.text_of("code")?);
        codes.push(AcuityCode { acuity, title, code });
    }
    Ok((root.text_of("system")?, codes))
}
