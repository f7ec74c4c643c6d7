/** Common given names and made-up combinations of common surnames: every person of the seeds is synthetic. */
export interface Name {
  readonly fa: string;
  readonly en: string;
}

const pairs = (text: string): readonly Name[] =>
  text
    .trim()
    .split(/\s*;\s*/)
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [fa, en] = pair.split('=') as [string, string];
      return { fa: fa.trim(), en: en.trim() };
    });

export const GIVEN_NAMES_WOMEN = pairs(`
فاطمه=Fatemeh; زهرا=Zahra; مریم=Maryam; معصومه=Masoumeh; سکینه=Sakineh; زینب=Zeinab; لیلا=Leila; رقیه=Roghayeh; سمیه=Somayeh; نرگس=Narges;
طاهره=Tahereh; اکرم=Akram; صدیقه=Sedigheh; الهام=Elham; سارا=Sara; نسرین=Nasrin; پروین=Parvin; شهلا=Shahla; مهناز=Mahnaz; ناهید=Nahid;
فرزانه=Farzaneh; شیرین=Shirin; آزاده=Azadeh; نیلوفر=Niloufar; بهاره=Bahareh; گلناز=Golnaz; یاسمن=Yasaman; هانیه=Hanieh; مینا=Mina; ژاله=Zhaleh
`);

export const GIVEN_NAMES_MEN = pairs(`
محمد=Mohammad; علی=Ali; حسین=Hossein; مهدی=Mehdi; حسن=Hassan; رضا=Reza; احمد=Ahmad; عباس=Abbas; ابراهیم=Ebrahim; اسماعیل=Esmail;
محمود=Mahmoud; جواد=Javad; سعید=Saeed; مجید=Majid; حمید=Hamid; کاظم=Kazem; یوسف=Yousef; داود=Davoud; بهرام=Bahram; فرهاد=Farhad;
کیوان=Keyvan; سیاوش=Siavash; آرش=Arash; بهزاد=Behzad; منوچهر=Manouchehr; ناصر=Naser; پرویز=Parviz; شهرام=Shahram; کامران=Kamran; امید=Omid
`);

export const SURNAMES = pairs(`
محمدی=Mohammadi; حسینی=Hosseini; احمدی=Ahmadi; رضایی=Rezaei; مرادی=Moradi; حیدری=Heidari; کریمی=Karimi; رحیمی=Rahimi; جعفری=Jafari; اکبری=Akbari;
قاسمی=Ghasemi; صادقی=Sadeghi; نوری=Nouri; یوسفی=Yousefi; زارعی=Zarei; عباسی=Abbasi; امینی=Amini; کاظمی=Kazemi; سلیمانی=Soleimani; باقری=Bagheri;
طاهری=Taheri; نجفی=Najafi; شریفی=Sharifi; موسوی=Mousavi; هاشمی=Hashemi; رستمی=Rostami; بهرامی=Bahrami; فرهادی=Farhadi; کیانی=Kiani; مهرابی=Mehrabi;
دهقان=Dehghan; باغبان=Baghban; آهنگر=Ahangar; نجار=Najjar; زرگر=Zargar; صفوی=Safavi; نیکنام=Niknam; پاکدل=Pakdel; خوشرو=Khoshrou; روشن=Roshan;
بهاری=Bahari; سپهری=Sepehri; کوهی=Kouhi; دریایی=Daryaei; صحرایی=Sahraei; گلستانی=Golestani; چمنی=Chamani; آبادی=Abadi; ثابتی=Sabeti; مؤمنی=Momeni
`);

/** Added to a surname where two people would otherwise share a full name. */
export const SURNAME_PLACES = pairs(
  'مهرشهری=Mehrshahri; کوهپایه=Kouhpayeh; رودکناری=Roudkenari; دشتی=Dashti; باغستانی=Baghestani; سروستانی=Sarvestani',
);
