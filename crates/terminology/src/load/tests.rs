//! Small made-up releases in the form of the real ones.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::{Origin, PropertyValue};

const CONCEPTS: &str = "id\teffectiveTime\tactive\tmoduleId\tdefinitionStatusId
138875005\t20260101\t1\t900000000000207008\t900000000000074008
1001\t20260101\t1\t900000000000207008\t900000000000073002
1002\t20260101\t1\t900000000000207008\t900000000000074008
1003\t20260101\t0\t900000000000207008\t900000000000074008
";
const DESCRIPTIONS: &str =
    "id\teffectiveTime\tactive\tmoduleId\tconceptId\tlanguageCode\ttypeId\tterm\tcaseSignificanceId
1\t20260101\t1\tm\t1001\ten\t900000000000003001\tMade-up finding (finding)\tx
2\t20260101\t1\tm\t1001\ten\t900000000000013009\tOther name\tx
3\t20260101\t1\tm\t1001\ten\t900000000000013009\tMade-up finding\tx
4\t20260101\t0\tm\t1001\ten\t900000000000013009\tGone\tx
5\t20260101\t1\tm\t1002\tde\t900000000000013009\tErfunden\tx
";
const RELATIONSHIPS: &str = "id\teffectiveTime\tactive\tmoduleId\tsourceId\tdestinationId\trelationshipGroup\ttypeId\tcharacteristicTypeId\tmodifierId
1\t20260101\t1\tm\t1001\t138875005\t0\t116680003\tx\tx
2\t20260101\t1\tm\t1002\t1001\t0\t116680003\tx\tx
3\t20260101\t0\tm\t1002\t1003\t0\t116680003\tx\tx
4\t20260101\t1\tm\t1002\t1001\t1\t363698007\tx\tx
";
const LANGUAGES: &str =
    "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\tacceptabilityId
a\t20260101\t1\tm\t900000000000509007\t3\t900000000000548007
";
const MEMBERS: &str = "id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId
a\t20260101\t1\tm\t777\t1002
";

fn load(files: &[(&str, &str)]) -> io::Result<CodeSystem> {
    let mut tables: Vec<(Table, &str, &str)> =
        files.iter().map(|(name, text)| (Table::of(name).unwrap(), *name, *text)).collect();
    tables.sort();
    let mut loader = Loader::new(tables[0].0, tables[0].1);
    for (table, _, text) in tables {
        loader.read(table, &mut text.as_bytes())?;
    }
    Ok(loader.finish())
}

fn snomed() -> CodeSystem {
    load(&[
        ("sct2_Relationship_Snapshot_INT_20260101.txt", RELATIONSHIPS),
        ("sct2_Concept_Snapshot_INT_20260101.txt", CONCEPTS),
        ("der2_Refset_SimpleSnapshot_INT_20260101.txt", MEMBERS),
        ("sct2_Description_Snapshot-en_INT_20260101.txt", DESCRIPTIONS),
        ("der2_cRefset_LanguageSnapshot-en_INT_20260101.txt", LANGUAGES),
    ])
    .unwrap()
}

fn check_snomed(system: &CodeSystem) {
    let at = |code: &str| system.find(code).unwrap();
    let version = "http://snomed.info/sct/900000000000207008/version/20260101";
    assert_eq!(system.head().version.as_deref(), Some(version));
    assert_eq!(system.len(), 4);
    assert_eq!(system.display(at("1001")), Some("Made-up finding"));
    assert_eq!(system.display(at("1002")), Some("Erfunden"));
    assert_eq!(system.designations(at("1001")).count(), 3);
    assert!(system.subsumes(at("138875005"), at("1002")));
    assert!(!system.subsumes(at("1003"), at("1002")));
    assert!(system.is_inactive(at("1003")));
    let properties: Vec<_> = system.properties(at("1002")).collect();
    assert!(properties.contains(&("363698007", PropertyValue::Code("1001"))));
    assert!(properties.contains(&("memberOf", PropertyValue::Code("777"))));
}

#[test]
fn snomed_is_read_and_comes_back_from_its_lines() {
    let system = snomed();
    check_snomed(&system);
    let mut lines = Vec::new();
    system.write(&mut lines).unwrap();
    let again = CodeSystem::read_lines(&mut lines.as_slice(), Origin::File(7)).unwrap();
    assert_eq!(again.head().origin, Origin::File(7));
    check_snomed(&again);
    let mut twice = Vec::new();
    again.write(&mut twice).unwrap();
    assert_eq!(lines, twice);
}

#[test]
fn loinc_is_read() {
    let terms =
        "\"LOINC_NUM\",\"COMPONENT\",\"SCALE_TYP\",\"STATUS\",\"SHORTNAME\",\"LONG_COMMON_NAME\"
\"1-8\",\"Made, up\",\"Qn\",\"ACTIVE\",\"MU\",\"Made \"\"up\"\"\nthing\"
\"2-6\",\"Other\",\"Nom\",\"DEPRECATED\",\"\",\"Other thing\"
";
    let hierarchy = "PATH_TO_ROOT,SEQUENCE,IMMEDIATE_PARENT,CODE,CODE_TEXT
,1,,LP1-1,Root
LP1-1,1,LP1-1,1-8,Made up
";
    let answers = "AnswerListId,AnswerListName,AnswerStringId,DisplayText
LL1-1,Yes or no,LA1-1,Yes
LL1-1,Yes or no,LA2-2,No
";
    let system = load(&[
        ("AnswerList.csv", answers),
        ("Loinc.csv", terms),
        ("ComponentHierarchyBySystem.csv", hierarchy),
    ])
    .unwrap();
    let at = |code: &str| system.find(code).unwrap();
    assert_eq!(system.display(at("1-8")), Some("Made \"up\"\nthing"));
    assert!(system.subsumes(at("LP1-1"), at("1-8")));
    assert!(system.is_inactive(at("2-6")) && !system.is_inactive(at("1-8")));
    assert!(system.properties(at("1-8")).any(|p| p == ("SCALE_TYP", PropertyValue::Text("Qn"))));
    let of_list =
        |(name, value): (&str, PropertyValue<'_>)| (name, value.text()) == ("answer-list", "LL1-1");
    assert!(system.properties(at("LA2-2")).any(of_list));
    let mut lines = Vec::new();
    system.write(&mut lines).unwrap();
    let again = CodeSystem::read_lines(&mut lines.as_slice(), Origin::File(0)).unwrap();
    assert_eq!(again.display(again.find("1-8").unwrap()), Some("Made \"up\"\nthing"));
}

#[test]
fn other_files_and_broken_ones_are_refused() {
    for name in ["sct2_Concept_Full_INT_20260101.txt", "loinc.csv.bak", "bundle.json"] {
        assert_eq!(Table::of(name), None, "{name}");
    }
    let name = "sct2_Concept_Snapshot_INT_20260101.txt";
    assert!(load(&[(name, "no\theader\n")]).is_err());
    assert!(load(&[(name, "id\teffectiveTime\tactive\n1\t2\n")]).is_err());
    assert!(load(&[("Loinc.csv", "A,B\n1,2\n")]).is_err());
    assert!(load(&[("Loinc.csv", "LOINC_NUM,\"LONG\n")]).is_err());
    for text in ["", "X\n", "C\ta\tb\tc\td\n", "H\tu\tv\tn\t1\t1\nE\t0\t1\n", "H\tu\n"] {
        let read = CodeSystem::read_lines(&mut text.as_bytes(), Origin::File(0));
        assert!(read.is_err(), "{text}");
    }
}
