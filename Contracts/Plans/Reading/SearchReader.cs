namespace Sweep.Contracts.Plans.Reading;

/// <summary>A plan's search: a word, or a group of fields with its method.</summary>
internal static class SearchReader
{
    /// <summary>The full grid by name is the full grid.</summary>
    public static SearchPlan? Read(PlanFields fields)
    {
        var search = fields.Find("search") switch
        {
            ScalarNode { Text: { } method } when PlanWords.Searches.Contains(method) || method == SearchRules.Tpe => new SearchPlan { Method = method },
            _ => fields.Group("search", $"{PlanWords.OneOf(PlanWords.Searches)}, or method: with one of them and items: a whole number", Group),
        };
        return search switch
        {
            { Method: SearchPlan.Grid, Items: null, Saving: null, First: null, Rounds: null } => null,
            { Method: SearchPlan.Screening } => search with { Items = search.Items ?? SearchPlan.UsualItems },
            { Method: SearchPlan.Racing } => search with { Saving = search.Saving ?? SearchPlan.UsualSaving },
            { Method: SearchPlan.Curve } => search with
            {
                Items = search.Items ?? SearchPlan.UsualItems,
                First = search.First ?? SearchPlan.UsualFirst,
                Rounds = search.Rounds ?? SearchPlan.UsualRounds,
            },
            _ => search,
        };
    }

    private static SearchPlan Group(PlanFields fields) => new()
    {
        Method = fields.Text("method", PlanWords.OneOf(PlanWords.Searches), required: true) ?? SearchPlan.Grid,
        Items = fields.Whole("items", "a whole number of items"),
        Saving = fields.Number("saving", "a number of at least 1"),
        First = fields.Whole("first", "a whole number of scalars"),
        Rounds = fields.Whole("rounds", "a whole number of rounds"),
    };
}
