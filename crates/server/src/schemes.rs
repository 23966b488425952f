//! The schemes of a site: a folder of files that `accord serve` works by.

use std::path::Path;

use accord_care::Library;
use accord_emergency::Rules;

use crate::fail::Fail;

/// Largest file of a scheme, in bytes.
const MOST_BYTES: u64 = 1 << 20;

/// The rules of a site: those that come along, what every `.json` file of its folder says, and the
/// triage scheme that it chose. `demo` lets tables in whose numbers are still to be confirmed.
pub fn rules(folder: Option<&Path>, triage: Option<&str>, demo: bool) -> Result<Rules, Fail> {
    let mut library = Library::built_in().map_err(Clone::clone)?.clone();
    if demo {
        library = library.for_demonstration();
    }
    if let Some(folder) = folder {
        library = with_all(library, folder)?;
    }
    Ok(Rules::new(library, triage)?)
}

fn with_all(mut library: Library, folder: &Path) -> Result<Library, Fail> {
    let told = |path: &Path, error: &dyn std::fmt::Display| {
        Fail::new(format!("triage schemes: {}: {error}", path.display()))
    };
    let entries = std::fs::read_dir(folder).map_err(|error| told(folder, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| told(folder, &error))?.path();
        if path.extension().is_some_and(|end| end == "json") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(told(folder, &"there is no `.json` file"));
    }
    for path in files {
        let size = std::fs::metadata(&path).map_err(|error| told(&path, &error))?.len();
        if size > MOST_BYTES {
            return Err(told(&path, &"a scheme has at most 1 MiB"));
        }
        let text = std::fs::read_to_string(&path).map_err(|error| told(&path, &error))?;
        let name = path.display().to_string();
        library = library.with_own(&name, &text)?;
    }
    Ok(library)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = r#"{"kind": "triage", "id": "site", "version": "1", "title": "Site",
        "source": "the site", "licence": "its own", "confirm": false, "levels": [
        {"acuity": 1, "title": "1", "wait-minutes": 0, "retriage-minutes": 5},
        {"acuity": 2, "title": "2", "wait-minutes": 5, "retriage-minutes": 10},
        {"acuity": 3, "title": "3", "retriage-minutes": 20},
        {"acuity": 4, "title": "4", "retriage-minutes": 40},
        {"acuity": 5, "title": "5", "retriage-minutes": 80}]}"#;

    fn of(files: &[(&str, &str)], triage: Option<&str>, demo: bool) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let rules = rules(Some(folder.path()), triage, demo);
        let here = folder.path().display().to_string();
        rules
            .map(|rules| rules.triage().header.id.clone())
            .map_err(|fail| fail.to_string().replace(&here, "DIR"))
    }

    #[test]
    fn a_site_works_by_its_own_scheme_if_it_chose_it() {
        assert_eq!(of(&[("a.json", SITE)], None, false), Ok("ats".to_owned()));
        assert_eq!(of(&[("a.json", SITE)], Some("site"), false), Ok("site".to_owned()));
        let other = rules(None, Some("five-level"), false).map_err(|fail| fail.to_string());
        assert_eq!(other.unwrap().triage().header.id, "five-level");
    }

    #[test]
    fn what_is_wrong_keeps_the_server_from_starting_and_is_told_with_its_place() {
        let refused = |files: &[(&str, &str)], triage, expected: &str| {
            assert_eq!(of(files, triage, false).unwrap_err(), expected);
        };
        refused(&[], None, "triage schemes: DIR: there is no `.json` file");
        refused(&[("readme.txt", "x")], None, "triage schemes: DIR: there is no `.json` file");
        refused(
            &[("a.json", SITE), ("b.json", SITE)],
            None,
            "DIR/b.json: id: another file of the site has this id",
        );
        refused(
            &[("a.json", SITE)],
            Some("sight"),
            "there is no triage scheme `sight`; there are ats, five-level, site",
        );
        let gap = SITE.replace(r#""acuity": 3"#, r#""acuity": 4"#);
        refused(&[("a.json", &gap)], None, "DIR/a.json: levels[2]: acuity 3 is next");
        let typed = SITE.replace("retriage-minutes\": 40", "retriage-minute\": 40");
        let wrong = "DIR/a.json: levels[3]: `retriage-minute` is not known here";
        refused(&[("a.json", &typed)], None, wrong);
        let open = SITE.replace(r#""confirm": false"#, r#""confirm": true"#);
        let wrong =
            "DIR/a.json: confirm: what is still to be confirmed is used in demonstrations alone";
        refused(&[("a.json", &open)], None, wrong);
        assert_eq!(of(&[("a.json", &open)], Some("site"), true), Ok("site".to_owned()));
        let gone = rules(Some(Path::new("/nowhere")), None, false).map(drop).unwrap_err();
        assert!(gone.to_string().starts_with("triage schemes: /nowhere: "), "{gone}");
    }
}
