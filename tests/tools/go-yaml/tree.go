package main

import (
	goyaml "sigs.k8s.io/yaml/goyaml.v3"
)

// node is a value as written: order, anchors and aliases are kept.
type node struct {
	// Scalars: the resolved tag in its short form (`!!str`), the style, and the decoded text.
	Tag   string `json:"tag,omitempty"`
	Style string `json:"style,omitempty"`
	Text  string `json:"text,omitempty"`
	// Mappings: keys and values in turn.
	Pairs []node `json:"pairs,omitempty"`
	// Sequences.
	Items []node `json:"items,omitempty"`
	Kind  string `json:"kind"`
	// The number of the anchor in its document, from 1: of the node's own, and of an alias'.
	Anchor int `json:"anchor,omitempty"`
	Alias  int `json:"alias,omitempty"`
}

// tree gives the root of a document.
func tree(root *goyaml.Node) node {
	if root.Kind == goyaml.DocumentNode {
		root = root.Content[0]
	}
	return made(root, map[*goyaml.Node]int{})
}

func made(from *goyaml.Node, anchors map[*goyaml.Node]int) node {
	if from.Kind == goyaml.AliasNode {
		return node{Kind: "alias", Alias: anchors[from.Alias]}
	}
	var to node
	if from.Anchor != "" {
		// Before the children, which may name it.
		anchors[from] = len(anchors) + 1
		to.Anchor = anchors[from]
	}
	children := []node{}
	for _, child := range from.Content {
		children = append(children, made(child, anchors))
	}
	switch from.Kind {
	case goyaml.MappingNode:
		to.Kind, to.Pairs = "mapping", children
	case goyaml.SequenceNode:
		to.Kind, to.Items = "sequence", children
	default:
		to.Kind, to.Tag, to.Style, to.Text = "scalar", from.ShortTag(), style(from), from.Value
	}
	return to
}

func style(of *goyaml.Node) string {
	switch {
	case of.Style&goyaml.DoubleQuotedStyle != 0:
		return "double"
	case of.Style&goyaml.SingleQuotedStyle != 0:
		return "single"
	case of.Style&goyaml.LiteralStyle != 0:
		return "literal"
	case of.Style&goyaml.FoldedStyle != 0:
		return "folded"
	}
	return "plain"
}
