//! The clocks of a site in place of those that come along.

use std::sync::Arc;

use accord_care::Library;
use accord_emergency::Rules;
use serde_json::json;

use crate::world::*;

#[test]
fn a_site_works_by_its_own_clocks_and_says_so() {
    let mut world = World::new();
    let docs = include_str!("../../../../docs/triage.md");
    let (_, part) = docs.split_once("\n## Clocks of a site\n").unwrap();
    let (_, block) = part.split_once("\n```json\n").unwrap();
    let own = block.split_once("\n```\n").unwrap().0;
    let library = Library::built_in().unwrap().clone().with_own("own", own).unwrap();
    world.arrive("ann");
    world.wait(11);
    let board = |world: &World| world.operate(&nurse(), ("$board", None), json!({})).unwrap();
    let shown = "clocks.id clocks.own clocks.clock.minutes encounter.due.overdue";
    assert_eq!(tell(&board(&world), shown), "targets - 15 false");
    world.rules = Some(Arc::new(Rules::new(library, None).unwrap()));
    assert_eq!(tell(&board(&world), shown), "our-clocks true 10 true");
    assert_eq!(told(&board(&world), "clocks.title"), "Clocks of our department");
    let row = world.board(&nurse()).remove(0).to_string();
    assert!(row.contains("\"2h\"") && !row.contains("\"1h\""), "{row}");
    let sheet = world.file(&nurse(), "$downtime").unwrap();
    assert!(sheet.contains("<p>Clocks by a table of this site: Clocks of our department.</p>"));
    assert!(!sheet.contains("Triage by a table of this site"), "that comes along");
}
