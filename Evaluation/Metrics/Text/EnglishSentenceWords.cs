namespace Sweep.Evaluation.Metrics.Text;

/// <summary>What Punkt knows of English words.</summary>
internal static class EnglishSentenceWords
{
    /// <summary>
    /// The abbreviations of NLTK's English model, as its maintainers print them (nltk/nltk issue 2500). Learned from newspapers: there is no "e.g", "i.e", "etc" or "al" among
    /// them, so each of those ends a sentence.
    /// </summary>
    private static readonly HashSet<string> Abbreviations = Words(
        """
        ore d e.f dec f.g n.d mg n.j sen n g.d v h.f mrs d.h a.c m.b.a wed s.a prof vt e c.o.m.b u.n c.v ave p.m feb wis e.l st d.c va calif w h fla dr l r colo a.h ms
        u.s.s.r l.a m r.j b.f n.m aug mich tues a.a j.p a.g rep s.c n.y r.a r.h sw chg okla g.k ariz ok vs ft a.t s.g bros u.s.a ky i.m.s gen t reps e.h ala messrs s.a.y fri
        u.k jr inc ga ph.d sept ill n.v c.i.t lt e.m j.c wash m.d.c kan r.t tenn k d.w jan w.w w.r r.i s.s l.f s.p.a pa b.v c w.c f r.k s g.f j.r w.va mr corp f.j conn h.c
        a.m cos a.d j.j j.b yr col nov u.s a.m.e p.a.m cie n.h sep ct a.s m.j t.j h.m n.c adm l.p co minn ltd p oct nev sr maj g j.k
        """);

    /// <summary>Words that are common in small letters, so that a capital on them after an abbreviation or an ellipsis says that a sentence begins.</summary>
    private static readonly HashSet<string> Starters = Words(
        """
        a about above after again all also although among an and another any are as at because been before being between both but by can could despite did do does during each
        even every everything few finally first for from further he hence her here his how however i if in indeed instead into is it its just last later let like many
        maybe meanwhile more moreover most my nevertheless next no nobody not nothing now of often on once one only or other our out over perhaps please really remember
        she should similarly since so some something sometimes soon still such than that the their them then there therefore these they this those though through thus to
        today together too two under unfortunately until up very was we were what whatever when whenever where whether which while who whose why will with without would yes
        yet you your
        """);

    /// <summary>A word without its last period, in small letters; of a word with dashes the last part is enough.</summary>
    public static bool IsAbbreviation(string word) => Abbreviations.Contains(word) || Abbreviations.Contains(word[(word.LastIndexOf('-') + 1)..]);

    public static bool MayStart(string word) => Starters.Contains(word);

    private static HashSet<string> Words(string list) => list.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
}
