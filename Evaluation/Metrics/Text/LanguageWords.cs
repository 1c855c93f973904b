namespace Sweep.Evaluation.Metrics.Text;

/// <summary>
/// What tells the languages of one script apart: their commonest short words, and letters that few others have. Where a script serves one language here, the script is enough.
/// The languages are those of langdetect 1.0.9, which the official IFEval code asks.
/// </summary>
internal static class LanguageWords
{
    /// <summary>
    /// Code, letters (or a dash), words, and endings after a ~, for languages that write such words onto others. Within a script an earlier language wins a tie, so English
    /// stands first.
    /// </summary>
    private const string Latin =
        """
        en - the and of to in is you that it for was on are with his they this have from not but what all were when your can there she which their if will each about how up out them then many some so these would into has her two like him see could make than been its who now people my made over did down only way find use may very after words just where most know i a be as at or we he do an by our me us no
        es ñ¿áíóú de la que el en y a los se del las un por con no una su para es al lo como más pero sus le ya o este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante uno les ni contra otros ese eso ante ellos está mi son
        pt ãõçáêâ de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das tem à seu sua ou ser quando muito há nos já está eu também só pelo pela até isso ela entre era depois sem mesmo aos são você
        fr éèêàçùœîô de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec ou son vous nous cette mais comme être tout elle je aux leur ont été fait même aussi ces où
        de äöüß der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen zum haben nur oder aber vor zur bis mehr durch ich wir kann wenn
        it àèéìòù di e il la che in un a per è una sono del non con le si i da come dei nel alla più anche della delle gli ma lo al ha questo se dal o questa suo essere tutti loro molto nella quando ci
        nl ĳ de het een van en in is dat op te zijn met voor niet aan er om ook als die bij door maar naar uit wordt over heeft worden deze nog dan wij hun kan meer je ik was
        pl ąęłśżźćńó i w na z się nie do to że jest o jak po co tak za od ale czy już przez dla być ich może który która są oraz tym tego był
        vi ơưđăạảấầẩậắằẵặẹẻẽếềểễệịỉọỏốồổộớờởợụủứừửựỳỷỹỵ và của là có không được trong cho một những với các người này đã khi để từ đến cũng như về tôi ra
        sw - na ya wa kwa ni katika za la kuwa hii yake hayo au lakini kama watu cha huo wake ili hili pia sana yangu wetu kila
        fi äö ja on ei se että oli hän mutta ovat kun niin myös kuin joka mukaan jos tai sen ole voi tämä hänen olla vain ne nyt sekä
        sv åäö och i att det som en på är av för med den till inte har de om ett var vi jag men sig från så kan när man nu eller hade ska också
        da æøå og i at det er en til på de der af for med den ikke som har et han jeg men vi om var fra kan når nu eller skal også blev sig
        no æøå og i det er en til på som av for med de at den ikke har et han jeg men vi om var fra kan når nå eller skal også ble seg
        cs řěůčšžýáíé a v se na je že s z do o to i ve za by jako pro jsou ale jeho byl který od po k jsem tak podle nebo při
        sk ľĺŕôťčšžýáíé a v sa na je že s z do o to aj vo za by ako pre sú ale jeho bol ktorý od po k som tak podľa alebo pri
        sl čšž in v je na se za da so z s ki kot pa tudi ne bi bil pri od po ali iz ter več
        hr đćčšž i u je na se za da su od s kao iz koji što ne bi bio po ili te ali o sve
        hu őűáéíóöúü a az és hogy nem is egy ez meg de volt van csak már mint vagy azt el ha még ki minden
        ro ășțîâşţ de și în a la cu care pe nu din o un că este mai pentru sau ca se sunt au prin sa dar
        tr ğışçöü ve bir bu da de için ile çok o ne olarak gibi daha var ama en kadar olan sonra mi ben değil her
        id - yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke adalah ada orang bisa atau mereka sebagai
        tl - ang ng sa na mga ay at ko si ito para hindi mo siya kung may ako ka kami nila
        so - iyo waa ka in oo ku u ayaa uu la ah soo si ee waxaa aan ay
        af ê die en van in is het dit nie wat vir op te dat met ook sy hy was as aan sal word kan om maar
        ca àçèéíïòóú· de la que i el en a les un per amb els no una és del al més com o són seva però aquest
        et äõöü ja on ei et ta see oli kui ka aga mis oma või siis ning kes mida
        lv āēīūļņķģčšž un ir ar no uz par ka kas bet tas kā vai arī lai to pēc
        lt ėųūįąęčšž ir yra kad su į iš tai bet kaip jis o buvo ar per nuo
        sq ëç dhe të në e një për me që i është nga si nuk por ka këtë
        cy ŵŷâêîô yn y a i o ar yr ac mae wedi ei am bod hyn gan oedd
        """;

    private const string Cyrillic =
        """
        ru ыэёъ и в не на что с он как это я но а по к из у за от так для о все же был вы его
        uk іїєґ і в не на що з він як це я але та по до із у за від так для про всі його є ми
        bg ъщ и в не на че с той как това аз но а по към от за да се са е ще си със
        mk ѓќѕџљњј и во не на дека со тој како ова јас но а по кон од за да се е ќе
        """;

    private const string Arabic =
        """
        ar ةىأإئؤ في من على إلى أن هذا هذه التي الذي لا ما كان عن مع هو هي كل أو لم و
        fa پچژگیک و در به از که این را با است برای آن یک می خود تا بر هم شد کرد نیز ها شما
        ur ٹڈڑںےہھ کے میں کی ہے اور سے کا کو اس کہ ہیں پر نے یہ ایک بھی نہیں تھا آپ
        """;

    private const string Devanagari =
        """
        hi ़ के में है की और से का को हैं यह पर ने एक भी नहीं था कि इस हो आप लिए
        mr ळ आहे आणि या ते हे तो आहेत होते नाही की व एक त्या आपण म्हणून ~च्या ~ची ~चा ~चे ~मध्ये ~साठी
        ne - र को मा छ हो का लाई यो पनि गर्न भएको छन् एक थियो ले गरेको हुन्छ तपाईं ~को ~लाई ~बाट ~हरू ~होस्
        """;

    public static IReadOnlyDictionary<Script, LanguageProfile[]> ByScript { get; } = new Dictionary<Script, LanguageProfile[]>
    {
        [Script.Latin] = Profiles(Latin),
        [Script.Cyrillic] = Profiles(Cyrillic),
        [Script.Arabic] = Profiles(Arabic),
        [Script.Devanagari] = Profiles(Devanagari),
        [Script.Bengali] = Profiles("bn"),
        [Script.Chinese] = Profiles("zh-cn"),
        [Script.Greek] = Profiles("el"),
        [Script.Gujarati] = Profiles("gu"),
        [Script.Gurmukhi] = Profiles("pa"),
        [Script.Hangul] = Profiles("ko"),
        [Script.Hebrew] = Profiles("he"),
        [Script.Japanese] = Profiles("ja"),
        [Script.Kannada] = Profiles("kn"),
        [Script.Malayalam] = Profiles("ml"),
        [Script.Tamil] = Profiles("ta"),
        [Script.Telugu] = Profiles("te"),
        [Script.Thai] = Profiles("th"),
    };

    private static LanguageProfile[] Profiles(string table) => [.. table.Split('\n').Select(LanguageProfile.Parse)];
}
