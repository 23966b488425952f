//! The functions that take a whole collection: names, arguments, what comes out. Those that
//! evaluation hands on item by item (`where`, `exists`, `first` and the like) are in `function.rs`.

/// A function.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "each is named as in the language; the table has the names")]
pub(crate) enum Function {
    Abs,
    Aggregate,
    All,
    AllFalse,
    AllTrue,
    AnyFalse,
    AnyTrue,
    Avg,
    Ceiling,
    Children,
    Coalesce,
    Combine,
    Comparable,
    ConformsTo,
    Contains,
    ConvertsTo(Target),
    DateOf,
    DayOf,
    Decode,
    Descendants,
    Distinct,
    Encode,
    EndsWith,
    Escape,
    Exclude,
    Exp,
    Floor,
    GetValue,
    HasValue,
    HighBoundary,
    HourOf,
    HtmlChecks,
    IndexOf,
    Intersect,
    IsDistinct,
    Join,
    Last,
    LastIndexOf,
    Length,
    Ln,
    Log,
    LowBoundary,
    Lower,
    Matches,
    MatchesFull,
    Max,
    MemberOf,
    MillisecondOf,
    Min,
    MinuteOf,
    MonthOf,
    Now,
    Power,
    Precision,
    Repeat,
    RepeatAll,
    Replace,
    ReplaceMatches,
    Round,
    SecondOf,
    Single,
    Skip,
    Sort,
    Split,
    Sqrt,
    StartsWith,
    SubsetOf,
    Substring,
    Subsumes,
    SubsumedBy,
    Sum,
    SupersetOf,
    Tail,
    Take,
    TimeOf,
    TimeOfDay,
    TimezoneOffsetOf,
    To(Target),
    ToChars,
    Today,
    Trace,
    Trim,
    Truncate,
    TypeOf,
    Unescape,
    Upper,
    YearOf,
}

/// What `toX` and `convertsToX` give.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "the names are those of the language")]
pub(crate) enum Target {
    Boolean,
    Integer,
    Long,
    Decimal,
    String,
    Date,
    DateTime,
    Time,
    Quantity,
}

/// Which types come out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Yields {
    /// Computed values.
    Computed,
    /// Items of the input.
    Input,
    /// Items of the input and of the first argument.
    Either,
    /// What the first argument yields.
    First,
    /// Anything.
    Any,
}

/// How arguments are evaluated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Arguments {
    /// In the surroundings of the call.
    Values,
    /// The first for each item of the input; others in the surroundings.
    First,
    /// All for each item of the input.
    Each,
    /// All but the first for each item.
    Rest,
}

/// One row of the table.
pub(crate) struct Signature {
    pub function: Function,
    pub least: usize,
    pub most: usize,
    pub arguments: Arguments,
    pub yields: Yields,
}

/// The function of this name.
pub(crate) fn signature(name: &str) -> Option<Signature> {
    let (function, least, most, arguments, yields) = row(name)?;
    Some(Signature { function, least, most, arguments, yields })
}

type Row = (Function, usize, usize, Arguments, Yields);

#[rustfmt::skip]
fn row(name: &str) -> Option<Row> {
    use Arguments::{Each, First as Lambda, Rest, Values};
    use Function::*;
    use Yields::{Any, Computed, Either, First, Input};
    let to = |target| (To(target), 0, 0, Values, Computed);
    let converts = |target| (ConvertsTo(target), 0, 0, Values, Computed);
    let plain = |function| (function, 0, 0, Values, Computed);
    let one = |function| (function, 1, 1, Values, Computed);
    let kept = |function| (function, 0, 0, Values, Input);
    Some(match name {
        "all" => (All, 1, 1, Lambda, Computed),
        "allTrue" => plain(AllTrue),
        "allFalse" => plain(AllFalse),
        "anyTrue" => plain(AnyTrue),
        "anyFalse" => plain(AnyFalse),
        "subsetOf" => one(SubsetOf),
        "supersetOf" => one(SupersetOf),
        "distinct" => kept(Distinct),
        "isDistinct" => plain(IsDistinct),
        "repeat" => (Repeat, 1, 1, Lambda, First),
        "repeatAll" => (RepeatAll, 1, 1, Lambda, First),
        "aggregate" => (Aggregate, 1, 2, Lambda, Any),
        "sort" => (Sort, 0, 16, Each, Input),
        "single" => kept(Single),
        "last" => kept(Last),
        "tail" => kept(Tail),
        "skip" => (Skip, 1, 1, Values, Input),
        "take" => (Take, 1, 1, Values, Input),
        "intersect" => (Intersect, 1, 1, Values, Input),
        "exclude" => (Exclude, 1, 1, Values, Input),
        "combine" => (Combine, 1, 2, Values, Either),
        "coalesce" => (Coalesce, 1, 16, Values, Any),
        "toBoolean" => to(Target::Boolean),
        "toInteger" => to(Target::Integer),
        "toLong" => to(Target::Long),
        "toDecimal" => to(Target::Decimal),
        "toString" => to(Target::String),
        "toDate" => to(Target::Date),
        "toDateTime" => to(Target::DateTime),
        "toTime" => to(Target::Time),
        "toQuantity" => (To(Target::Quantity), 0, 1, Values, Computed),
        "convertsToBoolean" => converts(Target::Boolean),
        "convertsToInteger" => converts(Target::Integer),
        "convertsToLong" => converts(Target::Long),
        "convertsToDecimal" => converts(Target::Decimal),
        "convertsToString" => converts(Target::String),
        "convertsToDate" => converts(Target::Date),
        "convertsToDateTime" => converts(Target::DateTime),
        "convertsToTime" => converts(Target::Time),
        "convertsToQuantity" => (ConvertsTo(Target::Quantity), 0, 1, Values, Computed),
        "indexOf" => one(IndexOf),
        "lastIndexOf" => one(LastIndexOf),
        "substring" => (Substring, 1, 2, Values, Computed),
        "startsWith" => one(StartsWith),
        "endsWith" => one(EndsWith),
        "contains" => one(Contains),
        "upper" => plain(Upper),
        "lower" => plain(Lower),
        "replace" => (Replace, 2, 2, Values, Computed),
        "matches" => (Matches, 1, 2, Values, Computed),
        "matchesFull" => (MatchesFull, 1, 2, Values, Computed),
        "replaceMatches" => (ReplaceMatches, 2, 3, Values, Computed),
        "length" => plain(Length),
        "toChars" => plain(ToChars),
        "split" => one(Split),
        "join" => (Join, 0, 1, Values, Computed),
        "trim" => plain(Trim),
        "encode" => one(Encode),
        "decode" => one(Decode),
        "escape" => one(Escape),
        "unescape" => one(Unescape),
        "abs" => plain(Abs),
        "ceiling" => plain(Ceiling),
        "exp" => plain(Exp),
        "floor" => plain(Floor),
        "ln" => plain(Ln),
        "log" => one(Log),
        "power" => one(Power),
        "round" => (Round, 0, 1, Values, Computed),
        "sqrt" => plain(Sqrt),
        "truncate" => plain(Truncate),
        "sum" => plain(Sum),
        "min" => plain(Min),
        "max" => plain(Max),
        "avg" => plain(Avg),
        "children" => (Children, 0, 0, Values, Any),
        "descendants" => (Descendants, 0, 0, Values, Any),
        "trace" => (Trace, 1, 2, Rest, Input),
        "now" => plain(Now),
        "today" => plain(Today),
        "timeOfDay" => plain(TimeOfDay),
        "type" => (TypeOf, 0, 0, Values, Any),
        "hasValue" => plain(HasValue),
        "getValue" => plain(GetValue),
        "htmlChecks" => plain(HtmlChecks),
        "conformsTo" => one(ConformsTo),
        "memberOf" => one(MemberOf),
        "subsumes" => one(Subsumes),
        "subsumedBy" => one(SubsumedBy),
        "comparable" => one(Comparable),
        "precision" => plain(Precision),
        "lowBoundary" => (LowBoundary, 0, 1, Values, Computed),
        "highBoundary" => (HighBoundary, 0, 1, Values, Computed),
        "yearOf" => plain(YearOf),
        "monthOf" => plain(MonthOf),
        "dayOf" => plain(DayOf),
        "hourOf" => plain(HourOf),
        "minuteOf" => plain(MinuteOf),
        "secondOf" => plain(SecondOf),
        "millisecondOf" => plain(MillisecondOf),
        "timezoneOffsetOf" => plain(TimezoneOffsetOf),
        "dateOf" => plain(DateOf),
        "timeOf" => plain(TimeOf),
        _ => return None,
    })
}
