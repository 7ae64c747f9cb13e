// The town, the tailor and the baker.
struct Town { int tailor; int baker; };
