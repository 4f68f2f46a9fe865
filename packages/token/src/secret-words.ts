/** Words that people build secrets of: the most usual ones of English, and those of the trade. */
export const secretWords: ReadonlySet<string> = new Set(
  (
    "the and that have for not with you this but his from they say her she will one all would there their what out " +
    "about who get which when make can like time just him know take people into year your good some could them see " +
    "other than then now look only come its over think also back after use two how our work first well way even new " +
    "want because any these give day most are was been has had were does did should must may might shall very much " +
    "more less too many few long short big small old high low here where why never ever always every each own same " +
    "such no yes on off in of to is it as at be by do go he if me my or so up us we an am please put set got let " +
    "secret secrets key keys token tokens jwt jwts json web auth authentication authorization authenticate password " +
    "passwords passwd pass passphrase phrase login logout signin signup user users username admin administrator root " +
    "super ultra mega hyper top private public shared share signing sign signed signature access refresh session " +
    "sessions cookie cookies encryption encrypt encrypted decrypt hash salt hmac sha crypto cipher random randomly " +
    "string strings text char chars character characters byte bytes bit bits length least minimum maximum number " +
    "numbers hex base encoded generate generated generator change changeit changeme replace edit update default " +
    "example sample demo test tests testing tested tester dev develop developer development prod production stage " +
    "staging local localhost server service services client api apis app apps application applications backend " +
    "frontend database data config configuration env environment variable value values setting settings system " +
    "project projects website site page code codes coding program programming programmer software engineer computer " +
    "internet network security secure secured secures safe safely safety strong stronger strongest powerful complex " +
    "hard difficult easy simple guess guessed guessing guessable hack hacker hacked break broken breaks unbreakable " +
    "crack open close hidden hide know known unknown real really fake true false null undefined none some something " +
    "anything nothing everything someone anyone nobody everyone whatever thing things name names word words letter " +
    "letters line lines file files place holder placeholder here insert enter write read keep kept store stored " +
    "store remember forget tell told show need needs needed using used create created creating made making add " +
    "build run start stop end begin hello world welcome thank thanks love lover life live house home family friend " +
    "friends mother father brother sister baby boy girl man men woman women child children money bank cash gold " +
    "silver black white red blue green yellow orange purple pink dog dogs cat cats cow bird fish horse tiger lion " +
    "dragon monkey bear wolf sun moon star stars sky earth water fire wind rain snow sunshine rainbow summer winter " +
    "spring autumn january february march april june july august september october november december monday tuesday " +
    "wednesday thursday friday saturday sunday morning night today tomorrow yesterday food coffee tea beer wine " +
    "pizza apple banana cherry lemon chocolate cookie cheese football soccer baseball hockey music song guitar " +
    "dance game games gamer play player movie book story king queen prince princess master mistress lord god angel " +
    "devil heaven hell magic wizard witch ghost hero heroes batman superman spider iron pokemon keyboard mouse " +
    "monitor laptop phone mobile android windows linux apple google facebook twitter github gitlab docker node " +
    "nodejs express react angular vue next nest spring boot java javascript typescript python django flask laravel " +
    "php ruby rails golang rust dotnet mongo mongodb mysql postgres postgresql redis sql graphql rest micro cloud " +
    "aws azure heroku company corporation inc group team office shop store market order orders pay payment payments " +
    "customer product products blog post posts chat message messages email mail forum school student teacher course " +
    "tutorial tutorials lesson class college university hospital doctor health travel hotel car cars bike train " +
    "plane city country london paris berlin tokyo york america india china brazil vietnam world nation state " +
    "awesome cool best better great amazing fantastic perfect nice pretty beautiful happy lucky funny crazy stupid " +
    "idiot fuck fucking shit damn sexy hot cold fast quick quickly slow brown fox jumps lazy dont doesnt cannot cant " +
    "wont isnt ipsum lorem dolor sit amet battery staple correct horse qwerty abc xyz foo bar baz foobar shh " +
    "shhh shhhh shhhhh shared wow lol okay hey hi bye dear sir internal external temporary temp tmp dummy mock " +
    "global main master major minor version alpha beta gamma delta omega one two three four five six seven eight " +
    "nine ten eleven twelve hundred thousand million zero first second third last final only once twice again " +
    "possible impossible important special unique common normal usual regular standard basic advanced expert " +
    "please thank sorry question answer reason because problem solution issue fix bug error warning debug log " +
    "clave senha contrasena secreta secreto segredo segura seguro chave minha mein geheim passwort schluessel " +
    "motdepasse segreto chiave wachtwoord sehr lange muy largo para esta este que con una por mot passe"
  ).split(" "),
);
