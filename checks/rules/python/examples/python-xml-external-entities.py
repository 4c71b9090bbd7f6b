import xml.sax
from xml.sax.handler import feature_external_ges

from lxml import etree


def read(text):
    parser = etree.XMLParser(resolve_entities=True)  # bad
    reader = xml.sax.make_parser()
    reader.setFeature(feature_external_ges, True)  # bad
    return parser


# good
def read_well(text):
    parser = etree.XMLParser(resolve_entities=False)
    reader = xml.sax.make_parser()
    reader.setFeature(feature_external_ges, False)
    return parser
