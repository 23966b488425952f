//! What is asked of the store, as far as a decision cares.

/// An interaction of the FHIR R4 REST API (§3.1.0).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Interaction {
    /// Current version of a resource.
    Read,
    /// A version of a resource.
    Vread,
    /// All versions of a resource.
    HistoryInstance,
    /// All versions of a type.
    HistoryType,
    /// All versions.
    HistorySystem,
    /// A search of a type, includes and chains into other types included.
    SearchType,
    /// A search over types.
    SearchSystem,
    /// A new resource.
    Create,
    /// A new version of a resource.
    Update,
    /// A new version of a resource, told as changes to the one that stands.
    Patch,
    /// The end of a resource.
    Delete,
    /// `$meta`: profiles, tags and labels of a resource.
    Meta,
    /// `$meta-add`: profiles, tags and labels added, as an update.
    MetaAdd,
    /// `$meta-delete`: profiles, tags and labels taken away, as an update.
    MetaDelete,
    /// All entries of a bundle or none; each entry is decided on its own as well.
    Transaction,
    /// The entries of a bundle one by one; each is decided on its own as well.
    Batch,
    /// What the server can do.
    Capabilities,
    /// `Patient/$trace`: finding a person whom one has no relationship with.
    Trace,
    /// `Patient/[id]/$who-looked`: the records of access to a patient's data.
    WhoLooked,
    /// `Patient/$explain-access`: why somebody sees a resource or does not.
    ExplainAccess,
    /// `Consent/$preview`: what somebody would see under a consent that is not filed.
    Preview,
    /// `Consent/$file`: a new consent, against a receipt.
    File,
    /// `Consent/[id]/$revoke`: the end of a consent, against a receipt.
    Revoke,
    /// `Consent/[id]/$supersede`: the end of a consent and a new one in its place, against receipts.
    Supersede,
    /// `Patient/[id]/$claim`: access taken with a reason.
    Claim,
    /// `Patient/[id]/$break-glass`: access taken in an emergency.
    BreakGlass,
    /// `Patient/[id]/$everything`, `Encounter/[id]/$everything`: all that is about one of them.
    Everything,
    /// `Observation/$lastn`: the last observations of each kind.
    LastN,
    /// `Patient/$merge`: two records of one person become one.
    Merge,
    /// `Patient/$unmerge`: a merge is taken back.
    Unmerge,
    /// `Patient/$move-resource`: a resource filed under the wrong patient goes to the right one.
    MoveResource,
    /// `Patient/$match`: records that may be of one person.
    Match,
    /// `Patient/$duplicates`: records of the own organisation that may be of one person.
    Duplicates,
    /// `ValueSet/$expand`: the codes of a value set.
    Expand,
    /// `ValueSet/$validate-code`, `CodeSystem/$validate-code`: whether a code belongs there.
    ValidateCode,
    /// `CodeSystem/$lookup`: what is known of a code.
    Lookup,
    /// `CodeSystem/$subsumes`: how two codes relate.
    Subsumes,
    /// `ConceptMap/$translate`: what a code is elsewhere.
    Translate,
    /// `Patient/$offer-transfer`: another organisation may take a record over.
    OfferTransfer,
    /// `Patient/$accept-transfer`: it does.
    AcceptTransfer,
    /// `$validate`: what is wrong with a resource.
    Validate,
}

impl Interaction {
    /// Every interaction with its code: those of <http://hl7.org/fhir/restful-interaction>, and the
    /// names of operations.
    pub const ALL: [(Interaction, &'static str); 41] = [
        (Interaction::Read, "read"),
        (Interaction::Vread, "vread"),
        (Interaction::HistoryInstance, "history-instance"),
        (Interaction::HistoryType, "history-type"),
        (Interaction::HistorySystem, "history-system"),
        (Interaction::SearchType, "search-type"),
        (Interaction::SearchSystem, "search-system"),
        (Interaction::Create, "create"),
        (Interaction::Update, "update"),
        (Interaction::Patch, "patch"),
        (Interaction::Delete, "delete"),
        (Interaction::Meta, "$meta"),
        (Interaction::MetaAdd, "$meta-add"),
        (Interaction::MetaDelete, "$meta-delete"),
        (Interaction::Transaction, "transaction"),
        (Interaction::Batch, "batch"),
        (Interaction::Capabilities, "capabilities"),
        (Interaction::Trace, "$trace"),
        (Interaction::WhoLooked, "$who-looked"),
        (Interaction::ExplainAccess, "$explain-access"),
        (Interaction::Preview, "$preview"),
        (Interaction::File, "$file"),
        (Interaction::Revoke, "$revoke"),
        (Interaction::Supersede, "$supersede"),
        (Interaction::Claim, "$claim"),
        (Interaction::BreakGlass, "$break-glass"),
        (Interaction::Everything, "$everything"),
        (Interaction::LastN, "$lastn"),
        (Interaction::Merge, "$merge"),
        (Interaction::Unmerge, "$unmerge"),
        (Interaction::MoveResource, "$move-resource"),
        (Interaction::Match, "$match"),
        (Interaction::Duplicates, "$duplicates"),
        (Interaction::Expand, "$expand"),
        (Interaction::ValidateCode, "$validate-code"),
        (Interaction::Lookup, "$lookup"),
        (Interaction::Subsumes, "$subsumes"),
        (Interaction::Translate, "$translate"),
        (Interaction::OfferTransfer, "$offer-transfer"),
        (Interaction::AcceptTransfer, "$accept-transfer"),
        (Interaction::Validate, "$validate"),
    ];

    /// The interaction's code.
    pub fn code(self) -> &'static str {
        Interaction::ALL.iter().find(|(i, _)| *i == self).map_or("", |(_, code)| code)
    }

    /// The interaction with this code.
    pub fn from_code(code: &str) -> Option<Interaction> {
        Interaction::ALL.iter().find(|(_, c)| *c == code).map(|(i, _)| *i)
    }

    /// Whether it changes the store. Bundles and operations do not by themselves: their entries,
    /// and the writes that they stand for, do.
    pub fn writes(self) -> bool {
        use Interaction::*;
        let transfers = matches!(self, OfferTransfer | AcceptTransfer);
        let persons = matches!(self, Merge | Unmerge | MoveResource);
        let metas = matches!(self, MetaAdd | MetaDelete);
        transfers || persons || metas || matches!(self, Create | Update | Patch | Delete)
    }
}
