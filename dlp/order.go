package dlp

import (
	_ "embed"
	"sync"
)

// orders.txt is what orders to a model consist of, in all languages, and what other
// sentences have of it: patterns of each order of words of each language would have
// too many states. orders_weights.txt is what its kinds of words are worth,
// orders_worth.bin what words themselves are.
var (
	//go:embed orders.txt
	orderWords string
	//go:embed orders_weights.txt
	orderWeights string
	//go:embed orders_worth.bin
	orderWorth string
)

// checkOrder asks of a sentence that it orders a model to drop its rules, to show
// them, to be without any, or to do what its user would not want.
const checkOrder = "order"

// sentenceModels are read when the first detector asks for one.
var sentenceModels = map[string]func() *sentenceModel{
	checkOrder: sync.OnceValue(func() *sentenceModel { return newSentenceModel(orderWords, orderWeights, orderWorth) }),
}
