package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	"google.golang.org/genai"

	"github.com/gnomon-proxy/gnomon/internal/testnet"
)

// prompt holds the secret among characters that JSON escapes.
const prompt = "Line one.\n\"Quoted\" <tag> & é 漢: " + secret + ", that is all."

// goCalls makes the calls of the Go SDKs.
func goCalls(ctx context.Context, via route) ([]result, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	c, err := testnet.Client(via.proxy, via.roots)
	if err != nil {
		return nil, err
	}
	defer c.CloseIdleConnections()
	all := openAICalls(ctx, c)
	all = append(all, anthropicCalls(ctx, c)...)
	return append(all, geminiCalls(ctx, c)...), nil
}

// do makes one call and tells its error as the SDK raises it.
func do(name string, f func() (text string, err error)) result {
	r := result{Call: name}
	text, err := f()
	if err == nil {
		r.Text = text
		return r
	}
	if e, ok := errors.AsType[*openai.Error](err); ok {
		r.failed("*openai.Error", e.StatusCode, e.Message)
	} else if e, ok := errors.AsType[*anthropic.Error](err); ok {
		r.failed("*anthropic.Error", e.StatusCode, e.Error())
	} else if e, ok := errors.AsType[genai.APIError](err); ok {
		r.failed("genai.APIError", e.Code, e.Message)
	} else {
		r.failed("other", 0, err.Error())
	}
	return r
}

func openAICalls(ctx context.Context, h *http.Client) []result {
	c := openai.NewClient(option.WithHTTPClient(h), option.WithAPIKey("sk-e2e-go"), option.WithMaxRetries(0), option.WithOrganization("org-e2e"))
	chat := openai.ChatCompletionNewParams{
		Model: "gpt-4o",
		Messages: []openai.ChatCompletionMessageParamUnion{
			openai.SystemMessage("Be brief."), openai.UserMessage(prompt),
		},
	}
	resp := responses.ResponseNewParams{Model: "gpt-4.1", Input: responses.ResponseNewParamsInputUnion{OfString: openai.String(prompt)}}
	return []result{
		do("openai chat", func() (string, error) {
			r, err := c.Chat.Completions.New(ctx, chat)
			if err != nil {
				return "", err
			}
			return r.Choices[0].Message.Content, nil
		}),
		do("openai chat stream", func() (string, error) {
			var b strings.Builder
			s := c.Chat.Completions.NewStreaming(ctx, chat)
			defer s.Close()
			for s.Next() {
				if ch := s.Current().Choices; len(ch) > 0 {
					b.WriteString(ch[0].Delta.Content)
				}
			}
			return b.String(), s.Err()
		}),
		do("openai responses", func() (string, error) {
			r, err := c.Responses.New(ctx, resp)
			if err != nil {
				return "", err
			}
			return r.OutputText(), nil
		}),
		do("openai responses stream", func() (string, error) {
			var b strings.Builder
			s := c.Responses.NewStreaming(ctx, resp)
			defer s.Close()
			for s.Next() {
				if e := s.Current(); e.Type == "response.output_text.delta" {
					b.WriteString(e.Delta)
				}
			}
			return b.String(), s.Err()
		}),
		do("openai embeddings", func() (string, error) {
			r, err := c.Embeddings.New(ctx, openai.EmbeddingNewParams{
				Model: "text-embedding-3-small", Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"first", prompt}},
			})
			if err != nil {
				return "", err
			}
			return string(r.Object), nil
		}),
		do("openai file", func() (string, error) {
			r, err := c.Files.New(ctx, openai.FileNewParams{
				File: openai.File(strings.NewReader("id,key\n7,"+secret+"\n"), "keys.csv", "text/csv"), Purpose: openai.FilePurposeUserData,
			})
			if err != nil {
				return "", err
			}
			return r.Filename, nil
		}),
	}
}

func anthropicCalls(ctx context.Context, h *http.Client) []result {
	c := anthropic.NewClient(anthropicoption.WithHTTPClient(h), anthropicoption.WithAPIKey("sk-ant-e2e-go"), anthropicoption.WithMaxRetries(0))
	messages := []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(prompt))}
	params := anthropic.MessageNewParams{Model: "claude-sonnet-4-5", MaxTokens: 64, Messages: messages, System: []anthropic.TextBlockParam{{Text: "Be brief."}}}
	return []result{
		do("anthropic messages", func() (string, error) {
			r, err := c.Messages.New(ctx, params)
			if err != nil {
				return "", err
			}
			return r.Content[0].Text, nil
		}),
		do("anthropic stream", func() (string, error) {
			var b strings.Builder
			s := c.Messages.NewStreaming(ctx, params)
			defer s.Close()
			for s.Next() {
				b.WriteString(s.Current().Delta.Text)
			}
			return b.String(), s.Err()
		}),
		do("anthropic count", func() (string, error) {
			_, err := c.Messages.CountTokens(ctx, anthropic.MessageCountTokensParams{Model: "claude-sonnet-4-5", Messages: messages})
			return "counted", err
		}),
	}
}

func geminiCalls(ctx context.Context, h *http.Client) []result {
	c, err := genai.NewClient(ctx, &genai.ClientConfig{APIKey: "e2e-go", Backend: genai.BackendGeminiAPI, HTTPClient: h})
	if err != nil {
		r := result{Call: "gemini"}
		r.failed("other", 0, err.Error())
		return []result{r}
	}
	return []result{
		do("gemini generate", func() (string, error) {
			r, err := c.Models.GenerateContent(ctx, "gemini-2.5-flash", genai.Text(prompt), nil)
			if err != nil {
				return "", err
			}
			return r.Text(), nil
		}),
		do("gemini stream", func() (string, error) {
			var b strings.Builder
			for r, err := range c.Models.GenerateContentStream(ctx, "gemini-2.5-flash", genai.Text(prompt), nil) {
				if err != nil {
					return "", err
				}
				b.WriteString(r.Text())
			}
			return b.String(), nil
		}),
		do("gemini count", func() (string, error) {
			_, err := c.Models.CountTokens(ctx, "gemini-2.5-flash", genai.Text(prompt), nil)
			return "counted", err
		}),
	}
}
