package dlp_test

import (
	"testing"

	"github.com/gnomon-proxy/gnomon/dlp"
	"github.com/gnomon-proxy/gnomon/traffic"
)

// TestCodeLines finds pieces of code in languages that no detector knows by a word,
// most of each, and nothing in what is written in lines as code is.
func TestCodeLines(t *testing.T) {
	s := newScanner(t, dlp.Options{})
	covered := func(text string) (n int) {
		for _, h := range s.ScanText([]byte(text), nil) {
			if h.Class == traffic.ClassSourceCode {
				n += h.End - h.Start
			}
		}
		return n
	}
	for _, text := range []string{
		"warum ist das langsam?\nSub Rabatt()\n  Dim z As Range\n  For Each z In Range(\"B2:B50\")\n    If z.Value > 100 Then z.Offset(0, 1).Value = z.Value * 0.9\n  Next z\nEnd Sub",
		"$users = Import-Csv users.csv\nforeach ($u in $users) {\n  New-ADUser -Name $u.Name -Enabled $true\n}",
		"for host in web1 web2 web3\ndo\n  ssh $host \"systemctl restart app\"\ndone",
		"df = pd.read_csv(\"sales.csv\")\ndf[\"month\"] = df[\"date\"].dt.month\nout = df.groupby(\"month\")[\"total\"].sum()\nprint(out.head())",
		"select d.name, avg(e.salary)\nfrom emp e, dept d\nwhere e.dept_id = d.id\ngroup by d.name",
		"my %seen;\nwhile (my $line = <STDIN>) {\n  chomp $line;\n  print \"$line\\n\" unless $seen{$line}++;\n}",
		"(defn total [items]\n  (->> items\n       (map :price)\n       (reduce +)))",
		"let rec fact n =\n  if n <= 1 then 1\n  else n * fact (n - 1)\nlet () = Printf.printf \"%d\\n\" (fact 10)",
		"-module(counter).\n-export([start/0, loop/1]).\nstart() -> spawn(counter, loop, [0]).\nloop(N) -> receive inc -> loop(N + 1) end.",
		"entity mux is\n  port (a, b, s : in std_logic; y : out std_logic);\nend mux;\narchitecture rtl of mux is\nbegin\n  y <= a when s = '0' else b;\nend rtl;",
		"void setup() {\n  pinMode(13, OUTPUT);\n}\nvoid loop() {\n  digitalWrite(13, HIGH);\n  delay(500);\n}",
		"program area\n  implicit none\n  real :: r\n  read *, r\n  print *, 3.14159 * r**2\nend program area",
		"x = linspace(0, 10, 200);\ny = exp(-x) .* cos(2*pi*x);\nplot(x, y, 'r--');\nxlabel('t');",
		"query GetUser($id: ID!) {\n  user(id: $id) {\n    name\n    orders { total }\n  }\n}",
		"FROM node:20-alpine\nCOPY package.json .\nRUN npm ci --omit=dev\nEXPOSE 3000",
		"pipeline {\n  agent any\n  stages {\n    stage('Build') {\n      steps { sh 'mvn package' }\n    }\n  }\n}",
		"location /api {\n    proxy_set_header Host $host;\n    proxy_pass http://backend:8000;\n}",
		"       MOVE WS-AMOUNT TO WS-TOTAL.\n       PERFORM CALC-TAX UNTIL WS-EOF = 'Y'.\n       IF WS-TOTAL > 1000\n          DISPLAY 'BIG'\n       END-IF.",
		"local M = {}\nfunction M.add(a, b)\n  return a + b\nend\nreturn M",
		"data <- subset(df, age > 30)\nboxplot(income ~ region, data = data)",
		"@GetMapping(\"/orders/{id}\")\npublic Order get(@PathVariable Long id) {\n    return repo.findById(id).orElseThrow();\n}",
		"val df = spark.read.parquet(\"/data/events\")\ndf.filter($\"type\" === \"click\")\n  .groupBy(\"user\")\n  .count()\n  .show()",
		"section .data\nmsg db \"hi\", 10\nsection .text\n_start:\n  mov edx, 3\n  int 0x80",
		"let url = URL(string: \"https://api.example.com\")!\nlet (data, _) = try await URLSession.shared.data(from: url)\nlet items = try JSONDecoder().decode([Item].self, from: data)",
		"public record Point(int X, int Y)\n{\n    public double Length => Math.Sqrt(X * X + Y * Y);\n}",
		"Route::get('/users', function () {\n    return User::all();\n});",
		"body {\n  margin: 0;\n}\nh1 { color: red; }",
		"CC=gcc\nall: main.o util.o\n\t$(CC) -o app main.o util.o\nclean:\n\trm -f *.o",
		"can you explain this? SELECT name, COUNT(*) AS n FROM visits WHERE day >= '2024-01-01' GROUP BY name HAVING COUNT(*) > 3 ORDER BY n DESC;",
		"Get-ADUser -Filter {Enabled -eq $true} -Properties LastLogonDate | Where-Object { $_.LastLogonDate -lt (Get-Date).AddDays(-90) } | Select-Object Name",
		"const total = items.filter(i => i.active).map(i => i.price * i.qty).reduce((a, b) => a + b, 0); console.log(total);",
		"fun main() {\n    val xs = listOf(1, 2, 3)\n    println(xs.sumOf { it * 2 })\n}",
		"parent(ann, bob).\nparent(bob, cid).\ngrandparent(X, Z) :- parent(X, Y), parent(Y, Z).",
		"resource \"google_storage_bucket\" \"b\" {\n  name     = \"b\"\n  location = \"EU\"\n}",
		"data sales;\n  set raw.sales;\n  where amount > 0;\nrun;\nproc means data=sales;\nrun;",
		"try {\n  $pdo = new PDO($dsn, $user, $pass);\n} catch (PDOException $e) {\n  die($e->getMessage());\n}",
		"int fib(int n) {\n  if (n < 2) return n;\n  return fib(n-1) + fib(n-2);\n}",
		"x = 10\nwhile x > 0:\n    print(x)\n    x -= 1",
	} {
		if n := covered(text); n*10 < len(text)*6 {
			t.Errorf("%d of %d bytes are found in %q", n, len(text), text)
		}
	}
	for _, text := range []string{
		"version: \"3.8\"\nservices:\n  db:\n    image: postgres:16\n    ports:\n      - \"5432:5432\"",  // settings
		"curl -s https://api.example.org/v1/items \\\n  -H \"Accept: $TYPE\" \\\n  -H \"X-Team: $TEAM\"", // one command
		"Hello team,\nplease find the agenda (see below):\n  - budget review;\n  - hiring plan (Q3);\n  - any other business.\nBest, Ann",
		"Name: Maria\nAlter: 34\nBeruf: Lehrerin\nHobbys: lesen, wandern",
		"name: Pancakes\ningredients:\n  - flour: 200 g\n  - milk: 300 ml\n  - eggs: 2\nsteps:\n  - mix\n  - fry",
		"2025-01-03 10:00:01 ERROR db.Pool - timeout (30s)\n2025-01-03 10:00:02 WARN  http.Server - retry=3\n2025-01-03 10:00:03 INFO  http.Server - GET /x -> 200",
		"If you can keep your head;\nIf you can wait and not be tired,\nIf you can dream:\nFor the moon will set.",
		"Berlin -> Hamburg -> Kiel\nHamburg -> Bremen\nKiel -> Flensburg",
		"a = 3\nb = 4\nc = sqrt(a^2 + b^2)\nFind c.",
		"f(x) = x^2 + 1\ng(x) = 2x - 3\nCompute f(g(2)).",
		"\\begin{equation}\n  E = mc^2\n\\end{equation}",
		"| a | b |\n|---|---|\n| 1 | 2 |",
		"{\n  \"user\": {\n    \"name\": \"x\",\n    \"tags\": [\"a\", \"b\"]\n  },\n  \"ok\": true\n}",
		"[server]\nhost = localhost\nport = 8080\ndebug = true",
		"To: all\nFrom: HR\nSubject: Holidays\nWhere: room 3\nWhen: Monday",
		"Agenda:\n  1. Welcome (Ann)\n  2. Numbers (Bob)\n  3. Questions (all)",
		"Knit 2 (k2), purl 2 (p2);\nrepeat from * to end;\nnext row: k1, p1;",
		"Traceback (most recent call last):\n  File \"app.py\", line 3, in <module>\n    main()\nValueError: bad",
		"1. e4 e5 2. Nf3 Nc6\n3. Bb5 a6 4. Ba4 Nf6\n5. O-O Be7 (C84)",
		"When we go out,\nWhile you were away:\nFor each guest, a card;\nReturn the books.\nImport duties apply.",
		"HTTP/1.1 200 OK\nContent-Type: text/html\nSet-Cookie: a=b; Path=/",
		"Case 1: the buyer pays (net 30);\nCase 2: the seller pays;\nElse: they share.",
		"Q: What is (a) water; (b) air?\nA: (a) H2O; (b) a mix.\n  Hint: use \"air = N2 + O2\".",
		"public holidays:\n  new year: 1 January\n  labour day: 1 May\n  national day: 3 October",
		"Select committee:\n  chair: Ann (MP)\n  members: Bob (MP), Cid (MP)\nFrom: June to July\nWhere: Room 4",
		"<note><to>Ann</to>\n<from>Bob</from>\n<text>Hi</text></note>",
	} {
		if n := covered(text); n > 0 {
			t.Errorf("%d bytes are taken for code in %q", n, text)
		}
	}
}
