using Sweep.Evaluation.Metrics.Text;
using Xunit;

namespace Sweep.Evaluation.Tests.Metrics.Text;

/// <summary>The 30 languages that IFEval's instructions may name, on the first article of the Universal Declaration of Human Rights.</summary>
public sealed class LanguageDetectorTests
{
    [Theory]
    [InlineData("en", "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience and should act towards one another in a spirit of brotherhood.")]
    [InlineData("es", "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y conciencia, deben comportarse fraternalmente los unos con los otros.")]
    [InlineData("pt", "Todos os seres humanos nascem livres e iguais em dignidade e em direitos. Dotados de razão e de consciência, devem agir uns para com os outros em espírito de fraternidade.")]
    [InlineData("ar", "يولد جميع الناس أحراراً متساوين في الكرامة والحقوق. وقد وهبوا عقلاً وضميراً وعليهم أن يعامل بعضهم بعضاً بروح الإخاء.")]
    [InlineData("hi", "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।")]
    [InlineData("fr", "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité.")]
    [InlineData("ru", "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и должны поступать в отношении друг друга в духе братства.")]
    [InlineData("de", "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen.")]
    [InlineData("ja", "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。")]
    [InlineData("it", "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono dotati di ragione e di coscienza e devono agire gli uni verso gli altri in spirito di fratellanza.")]
    [InlineData("bn", "সমস্ত মানুষ স্বাধীনভাবে সমান মর্যাদা এবং অধিকার নিয়ে জন্মগ্রহণ করে।")]
    [InlineData("uk", "Всі люди народжуються вільними і рівними у своїй гідності та правах. Вони наділені розумом і совістю і повинні діяти у відношенні один до одного в дусі братерства.")]
    [InlineData("th", "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ")]
    [InlineData("ur", "تمام انسان آزاد اور حقوق و عزت کے اعتبار سے برابر پیدا ہوئے ہیں۔ انہیں ضمیر اور عقل ودیعت ہوئی ہے۔")]
    [InlineData("ta", "மனிதப் பிறவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்.")]
    [InlineData("te", "ప్రతిపత్తిస్వత్వముల విషయమున మానవులెల్లరును జన్మతః స్వతంత్రులును సమానులును నగుదురు.")]
    [InlineData("bg", "Всички хора се раждат свободни и равни по достойнство и права. Те са надарени с разум и съвест и следва да се отнасят помежду си в дух на братство.")]
    [InlineData("ko", "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.")]
    [InlineData("pl", "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa.")]
    [InlineData("he", "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.")]
    [InlineData("fa", "تمام افراد بشر آزاد به دنیا می‌آیند و از لحاظ حیثیت و حقوق با هم برابرند. همه دارای عقل و وجدان هستند و باید نسبت به یکدیگر با روح برادری رفتار کنند.")]
    [InlineData("vi", "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi.")]
    [InlineData("ne", "सबै व्यक्तिहरू जन्मजात स्वतन्त्र हुन् ती सबैको समान अधिकार र महत्व छ। निजहरूमा विचार शक्ति र सद्विचार भएकोले निजहरूले आपसमा भातृत्वको भावनाबाट व्यवहार गर्नु पर्छ।")]
    [InlineData("sw", "Watu wote wamezaliwa huru, hadhi na haki zao ni sawa. Wote wamejaliwa akili na dhamiri, hivyo yapasa watendeane kindugu.")]
    [InlineData("kn", "ಎಲ್ಲಾ ಮಾನವರೂ ಸ್ವತಂತ್ರರಾಗಿಯೇ ಜನಿಸಿದ್ದಾರೆ.")]
    [InlineData("mr", "सर्व मानवी व्यक्ति जन्मतः स्वतंत्र आहेत व त्यांना समान प्रतिष्ठा व समान अधिकार आहेत.")]
    [InlineData("gu", "પ્રતિષ્ઠા અને અધિકારોની દૃષ્ટિએ સર્વ માનવો જન્મથી સ્વતંત્ર અને સમાન હોય છે.")]
    [InlineData("pa", "ਸਾਰਾ ਮਨੁੱਖੀ ਪਰਿਵਾਰ ਆਪਣੀ ਮਹਿਮਾ, ਸ਼ਾਨ ਅਤੇ ਹੱਕਾਂ ਦੇ ਪੱਖੋਂ ਜਨਮ ਤੋਂ ਹੀ ਆਜ਼ਾਦ ਹੈ।")]
    [InlineData("ml", "മനുഷ്യരെല്ലാവരും തുല്യാവകാശങ്ങളോടും അന്തസ്സോടും സ്വാതന്ത്ര്യത്തോടുംകൂടി ജനിച്ചിട്ടുള്ളവരാണ്.")]
    [InlineData("fi", "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan. Heille on annettu järki ja omatunto, ja heidän on toimittava toisiaan kohtaan veljeyden hengessä.")]
    public void Detect_LanguageOfIfeval_IsFoundAlsoInCapitals(string code, string text)
    {
        Assert.Equal(code, LanguageDetector.Detect(text));
        Assert.Equal(code, LanguageDetector.Detect(text.ToUpperInvariant()));
    }

    [Theory]
    [InlineData("nl", "Alle mensen worden vrij en gelijk in waardigheid en rechten geboren. Zij zijn begiftigd met verstand en geweten.")]
    [InlineData("sv", "Alla människor är födda fria och lika i värde och rättigheter.")]
    [InlineData("tr", "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar.")]
    [InlineData("id", "Semua orang dilahirkan merdeka dan mempunyai martabat dan hak-hak yang sama.")]
    [InlineData("cs", "Všichni lidé se rodí svobodní a sobě rovní co do důstojnosti a práv.")]
    [InlineData("ro", "Toate ființele umane se nasc libere și egale în demnitate și în drepturi.")]
    [InlineData("el", "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι.")]
    [InlineData("zh-cn", "人人生而自由，在尊严和权利上一律平等。")]
    public void Detect_OtherLanguage_IsNotTakenForEnglish(string code, string text) => Assert.Equal(code, LanguageDetector.Detect(text));

    [Theory]
    [InlineData("")]
    [InlineData("3.14 + 1 = ?")]
    [InlineData("https://example.org/the-and-of someone@example.org")]
    [InlineData("ᚠᚢᚦ")]
    public void MayBe_TextWithoutLettersOfAKnownScript_IsAny(string text)
    {
        Assert.Null(LanguageDetector.Detect(text));
        Assert.True(LanguageDetector.MayBe("en", text));
        Assert.True(LanguageDetector.MayBe("ja", text));
    }

    /// <summary>So that a word or a name is English until a word says otherwise.</summary>
    [Theory]
    [InlineData("etchings")]
    [InlineData("A")]
    [InlineData("\"coastal elegance properties\"")]
    [InlineData("xqzt brrf")]
    public void Detect_LatinTextWithoutKnownWords_IsEnglish(string text) => Assert.Equal("en", LanguageDetector.Detect(text));

    [Fact]
    public void Codes_OfLangdetect_AreItsFiftyFiveLessOneFormOfChinese() => Assert.Equal(54, LanguageDetector.Codes.Count);
}
